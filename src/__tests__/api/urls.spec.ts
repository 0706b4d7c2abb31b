import { fileUrl } from '../../api/urls';
import { anId } from '../../testing/builders';

describe('fileUrl', () => {
  it('keeps the folders of a file apart and escapes the rest', () => {
    const id = anId('one');
    expect(fileUrl('http://localhost:8888/user/ada/', id, 'out/a b?.txt')).toBe(
      `http://localhost:8888/user/ada/compute/api/jobs/${id}/files/out/a%20b%3F.txt`
    );
  });
});

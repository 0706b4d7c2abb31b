import { Columns } from '../../model/columns';
import type { IJobColumn } from '../../tokens';

const cost: IJobColumn = { id: 'compute-cost:cost', label: 'Cost', text: () => '1 €' };
const other: IJobColumn = { id: 'other:one', label: 'Other', text: () => null };

describe('Columns', () => {
  let columns: Columns;
  let heard: (readonly IJobColumn[])[];

  beforeEach(() => {
    columns = new Columns();
    heard = [];
    columns.changed.connect(({ snapshot }) => void heard.push(snapshot));
  });

  it('keeps them in the order in which they came, until they are disposed', () => {
    const added = columns.add(cost);
    columns.add(other);
    expect(columns.snapshot).toEqual([cost, other]);
    added.dispose();
    added.dispose();
    expect(columns.snapshot).toEqual([other]);
    expect(heard).toEqual([[cost], [cost, other], [other]]);
  });

  it('refuses a second column of the same id, and keeps the first', () => {
    columns.add(cost);
    expect(() => columns.add({ ...other, id: cost.id })).toThrow('compute-cost:cost');
    expect(columns.snapshot).toEqual([cost]);
  });

  it('takes one again that was disposed, as when what it says has changed', () => {
    columns.add(cost).dispose();
    const dearer = { ...cost, text: () => '2 €' };
    columns.add(dearer);
    expect(columns.snapshot).toEqual([dearer]);
  });

  it('tells nobody any more when it is disposed', () => {
    columns.dispose();
    columns.add(cost);
    expect(heard).toEqual([]);
  });
});

import { lazily } from '../../plugins/lazy';

describe('lazily', () => {
  it('loads once, however many ask', async () => {
    const load = jest.fn().mockResolvedValue('part');
    const part = lazily<string>(load);
    expect(load).not.toHaveBeenCalled();
    expect(await Promise.all([part(), part()])).toEqual(['part', 'part']);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tries again what could not be loaded', async () => {
    const load = jest.fn().mockRejectedValueOnce(new Error('offline')).mockResolvedValue('part');
    const part = lazily<string>(load);
    await expect(part()).rejects.toThrow('offline');
    expect(await part()).toBe('part');
  });
});

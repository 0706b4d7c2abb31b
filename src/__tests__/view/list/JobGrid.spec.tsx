import React, { act, useState } from 'react';

import { aCluster, aJob, anId } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { click, draw, focus, laidOut, press } from '../../../testing/react';
import type { Item } from '../../../view/list/filter';
import { rows as toRows } from '../../../view/list/filter';
import { JobGrid } from '../../../view/list/JobGrid';

const one = aJob({ id: anId('one'), name: 'one', state: 'running', can: ['cancel'] });
const two = aJob({ id: anId('two'), name: 'two', state: 'failed', can: ['retry', 'forget'] });
const three = aJob({ id: anId('three'), name: 'three', state: 'succeeded', landed: 'three.ipynb' });

describe('JobGrid', () => {
  const events = {
    onOpen: jest.fn(),
    onCancel: jest.fn(),
    onDelete: jest.fn(),
    onOpenResult: jest.fn(),
    onRetry: jest.fn()
  };
  let drawn: Drawn;

  let restore: () => void;
  const onEnd = jest.fn();
  const onFold = jest.fn();

  function Grid({ items, query }: { items: readonly Item[]; query?: string }) {
    const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
    return (
      <JobGrid
        items={items}
        clusters={[aCluster()]}
        selected={chosen}
        query={query}
        events={events}
        onSelect={setChosen}
        onFold={onFold}
        onEnd={onEnd}
      />
    );
  }
  const grid = (jobs = [one, two, three]) => <Grid items={toRows(jobs, false, new Set())} />;
  const rows = () => [...drawn.node.querySelectorAll<HTMLElement>('[role="row"]')];
  const selected = () =>
    rows()
      .filter(row => row.getAttribute('aria-selected') === 'true')
      .map(row => row.dataset.id);

  beforeEach(() => {
    jest.clearAllMocks();
    restore = laidOut();
    drawn = draw(grid());
  });

  afterEach(() => {
    drawn.remove();
    restore();
  });

  it('shows names as text, whatever they hold', () => {
    drawn.redraw(grid([aJob({ name: '<img src=x onerror=alert(1)>' })]));
    expect(drawn.node.querySelector('img')).toBeNull();
    expect(drawn.node.textContent).toContain('<img src=x onerror=alert(1)>');
  });

  it('begins anew at the top when something else is asked for, and stays where it is otherwise', () => {
    const scroll = drawn.node.querySelector('.jp-Compute-scroll') as HTMLElement;
    const items = toRows([one, two, three], false, new Set());
    drawn.redraw(<Grid items={items} query="a" />);
    scroll.scrollTop = 30;
    drawn.redraw(<Grid items={[...items]} query="a" />);
    expect(scroll.scrollTop).toBe(30);
    drawn.redraw(<Grid items={items} query="b" />);
    expect(scroll.scrollTop).toBe(0);
  });

  it('opens a job by click and by Enter', () => {
    click(rows()[1]);
    focus(rows()[2]);
    press('Enter');
    expect(events.onOpen.mock.calls).toEqual([[two.id], [three.id]]);
  });

  it('is one stop for Tab, and arrows move in it', () => {
    expect(rows().map(row => row.tabIndex)).toEqual([0, -1, -1]);
    focus(rows()[0]);
    press('ArrowDown');
    press('ArrowDown');
    press('ArrowDown');
    expect(document.activeElement).toBe(rows()[2]);
    press('Home');
    expect(document.activeElement).toBe(rows()[0]);
    press('ArrowUp');
    expect(document.activeElement).toBe(rows()[0]);
    expect(rows().map(row => row.tabIndex)).toEqual([0, -1, -1]);
  });

  it('selects by Space, and Delete asks for all that are selected', () => {
    focus(rows()[0]);
    press(' ');
    press('ArrowDown');
    press(' ');
    expect(selected()).toEqual([one.id, two.id]);
    press('Delete');
    expect(events.onDelete).toHaveBeenLastCalledWith([one.id, two.id]);
    press('ArrowDown');
    press('Delete');
    expect(events.onDelete).toHaveBeenLastCalledWith([three.id]);
    press('Escape');
    expect(selected()).toEqual([]);
  });

  it('selects a range with Shift, and all with Ctrl+A, also what is not in the page', () => {
    const many = Array.from({ length: 300 }, (_, at) => aJob({ id: `${at}`, name: `job ${at}` }));
    drawn.redraw(grid(many));
    click(rows()[1], { ctrlKey: true });
    click(rows()[3], { shiftKey: true });
    expect(selected()).toEqual(['1', '2', '3']);
    focus(rows()[0]);
    press('a', document.activeElement, { ctrlKey: true });
    press('Delete');
    expect(events.onDelete.mock.lastCall[0]).toHaveLength(300);
    expect(drawn.node.querySelector('[role="grid"]')?.getAttribute('data-selected')).toBe(
      many.map(({ id }) => id).join(' ')
    );
    press('Escape');
    press('ArrowDown', document.activeElement, { shiftKey: true });
    press('ArrowDown', document.activeElement, { shiftKey: true });
    expect(selected()).toEqual(['0', '1', '2']);
    press('ArrowUp', document.activeElement, { shiftKey: true });
    expect(selected()).toEqual(['0', '1']);
  });

  it('has only the rows in view in the page, and the one that Tab leads to', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => aJob({ id: `${at}` }));
    drawn.redraw(grid(many));
    expect(rows().length).toBeLessThan(60);
    expect(drawn.node.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('10000');
    focus(rows()[0]);
    press('End');
    expect((document.activeElement as HTMLElement).dataset.id).toBe('9999');
    expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('10000');
  });

  it('asks for more when its end is in view, and not before', () => {
    onEnd.mockClear();
    const many = Array.from({ length: 1000 }, (_, at) => aJob({ id: `${at}` }));
    drawn.redraw(grid(many));
    expect(onEnd).not.toHaveBeenCalled();
    drawn.redraw(grid(many.slice(0, 3)));
    expect(onEnd).toHaveBeenCalled();
  });

  it('shows a notebook above its jobs, which fold away', () => {
    drawn.redraw(<Grid items={toRows([one, two], true, new Set())} />);
    expect(rows()[0].textContent).toContain('2 jobs, 1 active');
    focus(rows()[0]);
    press('Enter');
    click(rows()[0]);
    expect(onFold.mock.calls).toEqual([[one.source.path], [one.source.path]]);
    press('Delete');
    expect(events.onDelete).not.toHaveBeenCalled();
  });

  it('keeps the focus in the row whose button went away', () => {
    const [cancel] = rows()[0].querySelectorAll('button');
    focus(cancel);
    drawn.redraw(grid([{ ...one, state: 'cancelled', can: ['retry'] }, two, three]));
    expect(document.activeElement).toBe(rows()[0]);
  });

  it('hands the focus to the next row when one goes away, and to the last at the end', () => {
    focus(rows()[1]);
    drawn.redraw(grid([one, three]));
    expect(document.activeElement).toBe(rows()[1]);
    expect(rows()[1].dataset.id).toBe(three.id);
    drawn.redraw(grid([one]));
    expect(document.activeElement).toBe(rows()[0]);
    drawn.redraw(grid([]));
    expect(document.activeElement).toBe(drawn.node.querySelector('[role="grid"]'));
  });

  it('takes the focus from nobody who has gone elsewhere', () => {
    const [cancel] = rows()[0].querySelectorAll('button');
    focus(cancel);
    act(() => cancel.blur());
    drawn.redraw(grid([two, three]));
    expect(document.activeElement).toBe(document.body);
  });

  it('offers what the job can, and nothing else', () => {
    const labels = (row: HTMLElement) =>
      [...row.querySelectorAll('button')].map(button => button.getAttribute('aria-label'));
    expect(rows().map(labels)).toEqual([
      ['Cancel', 'More actions'],
      ['Run again', 'More actions'],
      ['Open result', 'Cancel', 'More actions']
    ]);
  });

  it('does not open the job whose button was pressed', () => {
    const [cancel] = rows()[0].querySelectorAll('button');
    click(cancel);
    expect(events.onCancel).toHaveBeenCalledWith([one.id]);
    expect(events.onOpen).not.toHaveBeenCalled();
    focus(cancel);
    press('Enter');
    expect(events.onOpen).not.toHaveBeenCalled();
  });

  it('opens the context menu under the ⋯ button', () => {
    const onMenu = jest.fn();
    drawn.node.addEventListener('contextmenu', onMenu);
    click(rows()[1].querySelectorAll('button')[1]);
    expect(onMenu).toHaveBeenCalledTimes(1);
  });
});

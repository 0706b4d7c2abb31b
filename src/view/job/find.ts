const ALL = 'jupyterlab-compute-found';
const CURRENT = 'jupyterlab-compute-found-now';
/** More are not marked: nobody steps through them, and each costs the browser. */
const MOST = 5000;

/** Where the text stands in that node, in order. Upper and lower case are the same. */
export function findIn(node: Node, text: string): Range[] {
  const wanted = text.toLowerCase();
  const nodes: Text[] = [];
  const starts: number[] = [];
  let whole = '';
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const each = walker.currentNode as Text;
    nodes.push(each);
    starts.push(whole.length);
    // Letter by letter, because some words are longer in lower case and offsets would not fit.
    whole += lower(each.data);
  }
  const found: Range[] = [];
  let at = wanted === '' ? -1 : whole.indexOf(wanted);
  while (at !== -1 && found.length < MOST) {
    const range = new Range();
    range.setStart(...placeOf(at, nodes, starts));
    range.setEnd(...placeOf(at + wanted.length - 1, nodes, starts, 1));
    found.push(range);
    at = whole.indexOf(wanted, at + wanted.length);
  }
  return found;
}

function lower(text: string): string {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text;
}

function placeOf(
  offset: number,
  nodes: readonly Text[],
  starts: readonly number[],
  after = 0
): [Text, number] {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle] <= offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return [nodes[low], offset - starts[low] + after];
}

/** Colours what was found, without changing the text's nodes. Where the browser cannot, the current one is selected. */
export function mark(found: readonly Range[], current: Range | null): void {
  if (typeof Highlight === 'undefined' || !CSS.highlights) {
    const selection = document.getSelection();
    if (current) {
      selection?.removeAllRanges();
      selection?.addRange(current);
    }
    return;
  }
  CSS.highlights.set(ALL, new Highlight(...found));
  CSS.highlights.set(CURRENT, new Highlight(...(current ? [current] : [])));
}

/** No colour is left behind. */
export function unmark(): void {
  if (typeof Highlight !== 'undefined' && CSS.highlights) {
    CSS.highlights.delete(ALL);
    CSS.highlights.delete(CURRENT);
  }
}

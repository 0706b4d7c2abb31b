/** The part of a Lezer syntax node that is asked for here. */
export interface INode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly firstChild: INode | null;
  readonly nextSibling: INode | null;
}

/** A Lezer parser for Python: JupyterLab's own, or a test's. */
export interface IPythonParser {
  parse(input: string): { readonly topNode: INode };
}

export function children(node: INode): INode[] {
  const found: INode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'Comment') {
      found.push(child);
    }
  }
  return found;
}

/** `df` of `df.x[0].y`; null when the expression does not start with a name. */
export function rootOf(node: INode): INode | null {
  let root: INode | null = node;
  while (root && /^(Member|Call|Parenthesized)Expression$/.test(root.name)) {
    root = children(root).find(child => child.name !== '(') ?? null;
  }
  return root?.name === 'VariableName' ? root : null;
}

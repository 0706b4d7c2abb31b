import {
  changesArguments,
  changesByExpression,
  changesByStatement,
  configures,
  methodChangesArguments
} from './changing';
import type { IScope } from './scopes';
import { children } from './tree';
import type { INode } from './tree';

/** Tells the scope which names an expression may change by the calls in it. */
export function changesOf(
  node: INode | null,
  text: (node: INode) => string,
  statement: boolean,
  scope: IScope
): void {
  if (!node) {
    return;
  }
  const inner = children(node);
  if (node.name !== 'CallExpression') {
    // `await x.f()`, `(x.f())`, `a, b = f(x), g(y)`; what an operator combines was made anew.
    if (/^(Await|Parenthesized|Tuple|Array|Conditional|Member)Expression$/.test(node.name)) {
      inner.forEach(child => changesOf(child, text, statement, scope));
    }
    return;
  }
  const [callee, list] = inner;
  const args = list ? children(list) : [];
  keywords(args, callee, text, scope);
  if (callee.name === 'VariableName') {
    const name = text(callee);
    scope.call(name);
    if (changesArguments(name, statement)) {
      plain(args).forEach(arg => scope.change(text(arg), 'touches'));
    }
    return;
  }
  const made = children(callee)[0];
  if (made && /CallExpression/.test(made.name)) {
    // `df.groupby(x).mean()`: the first call made something new, or changed `df` itself.
    return changesOf(made, text, statement, scope);
  }
  const root = rootOf(callee);
  const method = callee.name === 'MemberExpression' ? text(lastOf(callee)) : '';
  if (!root || !method) {
    return;
  }
  const name = text(root);
  if (statement ? changesByStatement(method) : changesByExpression(method)) {
    scope.change(name, 'touches');
  }
  if (configures(method)) {
    scope.change(name, 'configures');
  }
  if (methodChangesArguments(name, method)) {
    plain(args).forEach(arg => scope.change(text(arg), 'mutates'));
  }
}

/** `df.drop(x, inplace=True)`, `np.add(a, b, out=c)`. */
function keywords(
  args: INode[],
  callee: INode,
  text: (node: INode) => string,
  scope: IScope
): void {
  for (const [at, arg] of args.entries()) {
    if (arg.name !== 'VariableName' || args[at + 1]?.name !== 'AssignOp') {
      continue;
    }
    const value = args[at + 2];
    const root = text(arg) === 'inplace' ? rootOf(callee) : null;
    if (root && value && text(value) !== 'False') {
      scope.change(text(root), 'mutates');
    } else if (text(arg) === 'out' && value?.name === 'VariableName') {
      scope.change(text(value), 'mutates');
    }
  }
}

/** Names that are handed over as they are. */
function plain(args: INode[]): INode[] {
  return args.filter((arg, at) => arg.name === 'VariableName' && args[at + 1]?.name !== 'AssignOp');
}

/** `df` of `df.x[0]`; a call in between makes something new. */
function rootOf(node: INode): INode | null {
  let root: INode | null = node;
  while (root?.name === 'MemberExpression') {
    root = root.firstChild;
  }
  return root?.name === 'VariableName' ? root : null;
}

function lastOf(node: INode): INode {
  const parts = children(node);
  return parts[parts.length - 1];
}

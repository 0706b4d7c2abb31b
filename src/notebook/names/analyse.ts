import { changesOf } from './calls';
import {
  argList,
  classDefinition,
  comprehension,
  functionDefinition,
  typeDefinition
} from './definitions';
import { prepare } from './ipython';
import { noNames } from './names';
import type { Names } from './names';
import { CellScope } from './scopes';
import type { IScope } from './scopes';
import {
  assign,
  conditional,
  deleteTargets,
  forStatement,
  importStatement,
  matchStatement,
  tryStatement,
  walrus,
  withStatement
} from './statements';
import { children, rootOf } from './tree';
import type { INode, IPythonParser } from './tree';

/** What a cell's source does to names. */
export function analyse(source: string, parser: IPythonParser): Names {
  const prepared = prepare(source);
  const names = noNames();
  names.setup = prepared.setup;
  names.star = prepared.star;
  new Walk(prepared.python, names).run(parser.parse(prepared.python).topNode);
  if (prepared.forgets) {
    names.defines.clear();
    names.maybe.clear();
  }
  prepared.gives.forEach(name => names.defines.add(name));
  prepared.mentions.forEach(name => names.weak.add(name));
  return names;
}

/** What the functions for single statements ask of the walk that they are part of. */
export interface IWalk {
  readonly names: Names;
  readonly cell: CellScope;
  text(this: void, node: INode): string;
  visit(node: INode, scope: IScope): void;
  each(nodes: readonly INode[], scope: IScope): void;
  /** The node is assigned to. */
  bindTarget(node: INode, scope: IScope): void;
  /** Returns whether what stands behind the block is reached through it. */
  body(node: INode | undefined, scope: IScope): boolean;
}

class Walk implements IWalk {
  constructor(
    private _source: string,
    readonly names: Names
  ) {
    this.cell = new CellScope(names);
  }

  readonly cell: CellScope;
  readonly text = (node: INode): string => this._source.slice(node.from, node.to);

  run(top: INode): void {
    this.each(children(top), this.cell);
    this.cell.close();
  }

  each(nodes: readonly INode[], scope: IScope): void {
    nodes.forEach(node => this.visit(node, scope));
  }

  visit(node: INode, scope: IScope): void {
    const inner = children(node);
    switch (node.name) {
      case 'VariableName':
        return scope.read(this.text(node));
      case '⚠':
        this.names.readable = false;
        return this.each(inner, scope);
      case 'ImportStatement':
        return importStatement(this, inner, scope);
      case 'AssignStatement':
      case 'UpdateStatement':
        return assign(this, node, scope);
      case 'ExpressionStatement':
        this.each(inner, scope);
        return changesOf(node.firstChild, this.text, true, scope);
      case 'NamedExpression':
        return walrus(this, inner, scope);
      case 'DeleteStatement':
        return deleteTargets(this, inner.slice(1), scope);
      case 'ScopeStatement':
        return inner
          .filter(child => child.name === 'VariableName')
          .forEach(child => scope.declare(this.text(child), inner[0].name === 'global'));
      case 'ForStatement':
        return forStatement(this, inner, scope);
      case 'IfStatement':
      case 'WhileStatement':
        return conditional(this, node, scope);
      case 'TryStatement':
        return tryStatement(this, inner, scope);
      case 'WithStatement':
        return withStatement(this, inner, scope);
      case 'MatchStatement':
        return matchStatement(this, node, scope);
      case 'FunctionDefinition':
      case 'LambdaExpression':
        return functionDefinition(this, node, scope);
      case 'ClassDefinition':
        return classDefinition(this, inner, scope);
      case 'TypeDefinition':
        return typeDefinition(this, inner, scope);
      case 'ArgList':
        return argList(this, inner, scope);
      case 'ArrayComprehensionExpression':
      case 'ComprehensionExpression':
      case 'DictionaryComprehensionExpression':
      case 'SetComprehensionExpression':
        return comprehension(this, inner, scope);
      case 'Decorator':
        return this.each(
          inner.filter((child, at) => child.name !== 'VariableName' || inner[at - 1].name !== '.'),
          scope
        );
      case 'MemberExpression':
      case 'YieldExpression':
      case 'YieldStatement':
        // `a[*b]` and a bare `yield` are errors to this parser, not to Python.
        return this.each(
          inner.filter(child => child.name !== '⚠' || !['', '*'].includes(this.text(child))),
          scope
        );
      default:
        return this.each(inner, scope);
    }
  }

  bindTarget(node: INode, scope: IScope): void {
    if (node.name === 'VariableName') {
      scope.bind(this.text(node));
    } else if (node.name === 'MemberExpression') {
      this.visit(node, scope);
      const root = rootOf(node);
      if (root) {
        scope.change(this.text(root), 'mutates');
      }
    } else if (node.name === '⚠') {
      this.names.readable = false;
    } else {
      children(node).forEach(child => this.bindTarget(child, scope));
    }
  }

  body(node: INode | undefined, scope: IScope): boolean {
    const parts = node ? children(node) : [];
    this.each(parts, scope);
    const last = parts[parts.length - 1]?.name ?? '';
    return !/^(Raise|Return|Continue|Break)Statement$/.test(last);
  }
}

import type { IWalk } from './analyse';
import { ClassScope, ComprehensionScope, FunctionScope } from './scopes';
import type { IScope } from './scopes';
import { children } from './tree';
import type { INode } from './tree';

export function functionDefinition(w: IWalk, node: INode, scope: IScope): void {
  const parts = children(node);
  const name = parts.find(part => part.name === 'VariableName');
  const lambda = node.name === 'LambdaExpression';
  const owner = !lambda && name && scope === w.cell ? w.text(name) : null;
  const inner = new FunctionScope(scope, w.cell, owner);
  const generic = parts.find(part => part.name === 'TypeParamList');
  const outer = generic ? new ComprehensionScope(scope) : scope;
  if (generic) {
    typeParameters(w, generic, outer, inner);
  }
  for (const part of parts) {
    if (part.name === 'ParamList') {
      parameters(w, children(part), outer, inner);
    } else if (part.name === 'TypeDef') {
      w.visit(part, outer);
    } else if (part.name !== 'TypeParamList' && (lambda || part !== name)) {
      w.visit(part, inner);
    }
  }
  if (outer instanceof ComprehensionScope) {
    outer.close();
  }
  if (!lambda && name) {
    scope.bind(w.text(name));
  }
  inner.close();
}

export function typeParameters(w: IWalk, list: INode, ...scopes: IScope[]): void {
  for (const parameter of children(list).filter(({ name }) => name === 'TypeParam')) {
    const [name, ...bounds] = children(parameter).filter(part => !/^\*/.test(part.name));
    scopes.forEach(scope => scope.bind(w.text(name)));
    w.each(bounds, scopes[0]);
  }
}

/** Defaults and annotations are evaluated where the function is defined. */
export function parameters(w: IWalk, parts: INode[], outer: IScope, inner: IScope): void {
  for (const [at, part] of parts.entries()) {
    if (parts[at - 1]?.name === 'AssignOp' || part.name === 'TypeDef') {
      w.visit(part, outer);
    } else if (part.name === 'VariableName') {
      inner.bind(w.text(part));
    } else if (part.name === '⚠' && w.text(part) !== '/') {
      w.names.readable = false;
    }
  }
}

export function classDefinition(w: IWalk, parts: INode[], scope: IScope): void {
  const name = parts.find(part => part.name === 'VariableName');
  const generic = parts.find(part => part.name === 'TypeParamList');
  const outer = generic ? new ComprehensionScope(scope) : scope;
  if (generic) {
    typeParameters(w, generic, outer);
  }
  const inner = new ClassScope(outer);
  for (const part of parts) {
    if (part.name === 'Body') {
      w.each(children(part), inner);
    } else if (part !== name && part !== generic) {
      w.visit(part, outer);
    }
  }
  if (outer instanceof ComprehensionScope) {
    outer.close();
  }
  if (name) {
    scope.bind(w.text(name));
  }
}

export function typeDefinition(w: IWalk, [, name, ...rest]: INode[], scope: IScope): void {
  const inner = new FunctionScope(scope, w.cell, null);
  for (const part of rest) {
    if (part.name === 'TypeParamList') {
      typeParameters(w, part, inner);
    } else {
      w.visit(part, inner);
    }
  }
  scope.bind(w.text(name));
  inner.close();
}

export function argList(w: IWalk, parts: INode[], scope: IScope): void {
  if (parts.some(part => part.name === 'for')) {
    return comprehension(w, parts, scope);
  }
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1];
    if (part.name !== 'VariableName' || next?.name !== 'AssignOp') {
      w.visit(part, scope);
    } else if (w.text(next) === ':=') {
      scope.walrus(w.text(part));
    }
  }
}

/** The first iterable is evaluated outside, all else inside. */
export function comprehension(w: IWalk, parts: INode[], scope: IScope): void {
  const inner = new ComprehensionScope(scope);
  let place: 'value' | 'target' | 'iterable' = 'value';
  let first = true;
  for (const part of parts) {
    if (part.name === 'for') {
      place = 'target';
    } else if (part.name === 'in' && place === 'target') {
      place = 'iterable';
    } else if (part.name === 'if') {
      [place, first] = ['value', false];
    } else if (place === 'target') {
      w.bindTarget(part, inner);
    } else {
      const outside = place === 'iterable' && first;
      w.visit(part, outside ? scope : inner);
      if (place === 'iterable') {
        [place, first] = ['value', false];
      }
    }
  }
  inner.close();
}

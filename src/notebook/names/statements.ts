import type { IWalk } from './analyse';
import type { IScope } from './scopes';
import { changesOf } from './calls';
import { children } from './tree';
import type { INode } from './tree';

export function importStatement(w: IWalk, parts: INode[], scope: IScope): void {
  const from = parts[0]?.name === 'from';
  let at = from ? parts.findIndex(part => part.name === 'import') + 1 : 1;
  const module = parts.slice(1, from ? at : undefined).find(part => part.name === 'VariableName');
  if (module) {
    // A file that `%%writefile` above may have written.
    w.names.weak.add(`${w.text(module)}.py`);
  }
  for (; at < parts.length; at++) {
    const part = parts[at];
    if (part.name === '*') {
      w.names.star = true;
    } else if (part.name === '⚠') {
      w.names.readable = false;
    } else if (part.name === 'VariableName') {
      let named = part;
      while (!from && parts[at + 1]?.name === '.') {
        at += 2;
      }
      if (parts[at + 1]?.name === 'as') {
        at += 2;
        named = parts[at] ?? named;
      }
      scope.bind(w.text(named));
      w.names.imports.add(w.text(named));
    }
  }
}

export function assign(w: IWalk, node: INode, scope: IScope): void {
  const parts = children(node);
  const augmented = node.name === 'UpdateStatement';
  const last = parts.map(({ name }) => /^(Assign|Update)Op$/.test(name)).lastIndexOf(true);
  const targets = last < 0 ? [] : parts.slice(0, last);
  const values = last < 0 ? parts.filter(part => part.name === 'TypeDef') : parts.slice(last + 1);
  w.each(values, scope);
  values.forEach(value => changesOf(value, w.text, false, scope));
  for (const target of targets) {
    if (target.name === 'TypeDef') {
      w.visit(target, scope);
    } else {
      if (augmented) {
        w.visit(target, scope);
      }
      w.bindTarget(target, scope);
    }
  }
}

export function walrus(w: IWalk, [name, , ...values]: INode[], scope: IScope): void {
  w.each(values, scope);
  scope.walrus(w.text(name));
}

export function deleteTargets(w: IWalk, parts: INode[], scope: IScope): void {
  for (const part of parts) {
    if (part.name === 'MemberExpression') {
      w.bindTarget(part, scope);
    } else if (part.name === 'VariableName') {
      w.visit(part, scope);
      scope.unbind(w.text(part));
    } else {
      deleteTargets(w, children(part), scope);
    }
  }
}

export function forStatement(w: IWalk, parts: INode[], scope: IScope): void {
  const start = parts.findIndex(part => part.name === 'for') + 1;
  const middle = parts.findIndex(part => part.name === 'in');
  const [loop, otherwise] = parts.filter(part => part.name === 'Body');
  const body = loop ? parts.indexOf(loop) : parts.length;
  w.each(parts.slice(middle + 1, body), scope);
  const way = () => {
    parts.slice(start, middle).forEach(part => w.bindTarget(part, scope));
    return w.body(loop, scope);
  };
  scope.branch([way], false);
  if (otherwise) {
    w.body(otherwise, scope);
  }
}

export function conditional(w: IWalk, node: INode, scope: IScope): void {
  const ways: (() => boolean)[] = [];
  let otherwise = false;
  for (const part of children(node)) {
    otherwise ||= part.name === 'else';
    if (part.name === 'Body') {
      ways.push(() => w.body(part, scope));
    } else {
      w.visit(part, scope);
    }
  }
  scope.branch(ways, otherwise && node.name === 'IfStatement');
}

export function tryStatement(w: IWalk, parts: INode[], scope: IScope): void {
  const sections: { word: string; parts: INode[] }[] = [];
  for (const part of parts) {
    if (/^(try|except|else|finally)$/.test(part.name)) {
      sections.push({ word: part.name, parts: [] });
    } else {
      sections[sections.length - 1]?.parts.push(part);
    }
  }
  const run = (section: { parts: INode[] }) => {
    const body = section.parts.find(part => part.name === 'Body');
    const before = section.parts.filter(part => part !== body);
    const as = before.findIndex(part => part.name === 'as');
    w.each(as < 0 ? before : before.slice(0, as), scope);
    const bound = as < 0 ? undefined : before[as + 1];
    if (bound) {
      w.bindTarget(bound, scope);
    }
    const goesOn = w.body(body, scope);
    if (bound?.name === 'VariableName') {
      // Python deletes it at the end of the block.
      scope.unbind(w.text(bound));
    }
    return goesOn;
  };
  const all = (words: RegExp) => sections.filter(({ word }) => words.test(word));
  const main = () => all(/try|else/).every(run);
  scope.branch([main, ...all(/except/).map(section => () => run(section))], true);
  all(/finally/).forEach(run);
}

export function withStatement(w: IWalk, parts: INode[], scope: IScope): void {
  // `with (open(a) as b, open(c) as d):` is an error to this parser, but its names come out right.
  const { readable } = w.names;
  const bracketed = parts.some(
    part => part.name === 'ParenthesizedExpression' && w.text(part).startsWith('(')
  );
  for (const [at, part] of parts.entries()) {
    if (part.name === 'Body') {
      if (bracketed) {
        w.names.readable = readable;
      }
      w.body(part, scope);
    } else if (parts[at - 1]?.name === 'as') {
      w.bindTarget(part, scope);
    } else {
      w.visit(part, scope);
    }
  }
}

export function matchStatement(w: IWalk, node: INode, scope: IScope): void {
  const ways: (() => boolean)[] = [];
  for (const part of children(node)) {
    if (part.name !== 'MatchBody') {
      w.visit(part, scope);
      continue;
    }
    for (const clause of children(part).filter(({ name }) => name === 'MatchClause')) {
      ways.push(() => {
        const inner = children(clause);
        inner.filter(({ name }) => name !== 'Body').forEach(each => pattern(w, each, scope));
        return w.body(
          inner.find(({ name }) => name === 'Body'),
          scope
        );
      });
    }
  }
  scope.branch(ways, false);
}

export function pattern(w: IWalk, node: INode, scope: IScope): void {
  const parts = children(node);
  switch (node.name) {
    case 'CapturePattern':
      return parts
        .map(part => w.text(part))
        .filter(name => name !== '_')
        .forEach(name => scope.bind(name));
    case 'AsPattern':
      parts.slice(0, -1).forEach(part => pattern(w, part, scope));
      return w.bindTarget(parts[parts.length - 1], scope);
    case 'KeywordPattern':
      return parts.slice(1).forEach(part => pattern(w, part, scope));
    case 'Guard':
    case 'AttributePattern':
    case 'VariableName':
      return w.visit(node, scope);
    case '⚠':
      w.names.readable = false;
      return;
    default:
      return parts.forEach(part => pattern(w, part, scope));
  }
}

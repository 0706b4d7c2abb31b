// Finds the page's texts and keeps the catalogues of its translations: `jlpm translations`, `--check`, or the name of
// a new language (`jlpm translations fr_FR`).
//
// JupyterLab serves `locale/<language>/LC_MESSAGES/<domain>.json` of every package that names itself in the entry
// points `jupyterlab.locale`; people edit the `.po` beside it. What is found, and under which contexts, is what
// jupyterlab-translate finds, so that a language pack of Jupyter's can take the same catalogue.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import gettext from 'gettext-parser';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOMAIN = 'jupyterlab_compute';
const LOCALES = join(ROOT, DOMAIN, 'locale');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Where the texts stand in a call. */
const CALLS = {
  __: { text: 0 },
  _n: { text: 0, plural: 1 },
  _p: { context: 0, text: 1 },
  _np: { context: 0, text: 1, plural: 2 }
};
/** The names under which jupyterlab-translate looks for calls. */
const BUNDLES = new Set(['trans', 'this.trans', 'this._trans', 'props.trans', 'this.props.trans']);
/** What JupyterLab translates of a schema, each under its context; from its `translation_utils.py`. */
const SCHEMA = [
  [/^\/(title|description)$/, 'schema'],
  [/^\/properties\/.*\/(title|description)$/, 'settings'],
  [/^\/definitions\/.*\/properties\/.*\/(title|description)$/, 'settings'],
  [/^\/jupyter\.lab\.setting-icon-label$/, 'settings'],
  [/^\/jupyter\.lab\.menus\/.*\/label$/, 'menu'],
  [/^\/jupyter\.lab\.toolbars\/.*\/label$/, 'toolbar']
];
/** A reason that the bridge gives, without anything filled in: a code, and a sentence in one piece or several. */
const REASON = /\bReason\(\s*"\w+",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),?\s*\)/g;
const STRING = /"((?:[^"\\]|\\.)*)"/g;
/** How many forms a number has; what a new language begins with is to be looked at. */
const PLURALS = { de: 'nplurals=2; plural=(n != 1);', fr: 'nplurals=2; plural=(n > 1);' };

/** Sentences that stay as they are. */
const ENGLISH = new Set([
  // Translated by their codes where they are shown.
  'The server does not answer.',
  'The server extension jupyterlab_compute is missing.',
  // For the author of an extension that adds a profile.
  'There are no settings to keep a profile in.'
]);

const faults = [];

function files(folder, wanted) {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map(name => join(folder, name).split(sep).join('/'))
    .filter(wanted)
    .sort();
}

/** All texts by context and text, each with the files that show it. */
function extract() {
  const found = new Map();
  const add = (file, context, text, plural) => {
    const key = `${context}\u0004${text}`;
    const entry = found.get(key) ?? { context, text, plural, files: new Set() };
    if (entry.plural !== plural) {
      faults.push(`${file}: “${text}” is written with and without a plural, or with two.`);
    }
    entry.files.add(file);
    found.set(key, entry);
  };
  // Python's own names are no sentence.
  // `said` looks up what the server says.
  const isOurs = name =>
    /\.tsx?$/.test(name) && !/__tests__|^src\/testing\/|builtins\.ts$|\/said\.ts$/.test(name);
  for (const file of files('src', isOurs)) {
    readSource(file, add);
  }
  for (const file of files(DOMAIN, name => name.endsWith('.py'))) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, parts] of source.matchAll(REASON)) {
      add(
        file,
        'server',
        [...parts.matchAll(STRING)].map(([, text]) => JSON.parse(`"${text}"`)).join('')
      );
    }
  }
  for (const file of files('schema', name => name.endsWith('.json'))) {
    const schema = JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
    if (schema['jupyter.lab.internationalization']?.domain !== DOMAIN) {
      faults.push(`${file}: without its domain JupyterLab looks for its texts among its own.`);
    }
    readSchema(schema, '', (context, text) => add(file, context, text));
  }
  return [...found.values()].sort(
    (one, other) =>
      one.context.localeCompare(other.context, 'en') || one.text.localeCompare(other.text, 'en')
  );
}

function readSource(file, add) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const fault = (node, words) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    faults.push(`${file}:${line + 1}: ${words}`);
  };
  const visit = node => {
    const call = callOf(node);
    if (call) {
      const { places, bundle } = call;
      const words = name => node.arguments[places[name]];
      if (!BUNDLES.has(bundle)) {
        fault(node, `jupyterlab-translate does not know “${bundle}”: call it “trans”.`);
      }
      const named = Object.keys(places);
      const wrong = named.find(name => !words(name) || !ts.isStringLiteralLike(words(name)));
      if (wrong) {
        fault(node, `the ${wrong} of a translation must be a plain string.`);
      } else {
        add(file, words('context')?.text ?? '', words('text').text, words('plural')?.text);
      }
      node.arguments.slice(named.length).forEach(visit);
      return;
    }
    if (isSentence(node)) {
      fault(node, `“${node.text.trim()}” is not translated.`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

function callOf(node) {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) {
    return null;
  }
  const { name, expression } = node.expression;
  const places = Object.hasOwn(CALLS, name.text) ? CALLS[name.text] : undefined;
  return places ? { places, bundle: expression.getText() } : null;
}

/**
 * Three words and more that begin with a capital letter. eslint's `no-untranslated-string` knows the places where
 * texts are shown; this finds those that come there by other ways.
 */
function isSentence(node) {
  if (!ts.isStringLiteralLike(node) && !ts.isJsxText(node)) {
    return false;
  }
  const { parent, text } = node;
  const property = ts.isPropertyAssignment(parent) && parent.name.getText();
  // JupyterLab shows descriptions of plugins, tokens and arguments to developers, in English.
  const isForDevelopers =
    property === 'description' || (ts.isNewExpression(parent) && /Token/.test(parent.getText()));
  return /^\s*[“"]?\p{Lu}\p{L}*(\s+\S+){2,}/u.test(text) && !isForDevelopers && !ENGLISH.has(text);
}

function readSchema(value, path, add) {
  for (const [key, each] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : `${path}/${key}`;
    if (typeof each === 'string') {
      const [, context] = SCHEMA.find(([pattern]) => pattern.test(here)) ?? [];
      if (context && each) {
        add(context, each);
      }
    } else if (each && typeof each === 'object') {
      readSchema(each, here, add);
    }
  }
}

/** The catalogue with all texts and no others; what was translated stays so. */
function merge(old, entries, language) {
  const translations = { '': {} };
  for (const { context, text, plural, files: where } of entries) {
    const before = old?.translations[context]?.[text];
    const isSame = before && (before.msgid_plural ?? undefined) === plural;
    translations[context] ??= {};
    translations[context][text] = {
      ...(context && { msgctxt: context }),
      msgid: text,
      ...(plural !== undefined && { msgid_plural: plural }),
      msgstr: isSame ? before.msgstr : plural === undefined ? [''] : ['', ''],
      comments: {
        ...before?.comments,
        reference: [...where].join('\n'),
        ...(/%\d/.test(text) && { extracted: '%1, %2 … are filled in; keep each of them' })
      }
    };
  }
  const headers = old?.headers ?? {
    'Project-Id-Version': `${DOMAIN} ${version}`,
    Language: language,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
    'Plural-Forms': PLURALS[language.split('_')[0]] ?? 'nplurals=2; plural=(n != 1);'
  };
  headers['Project-Id-Version'] = `${DOMAIN} ${version}`;
  return { charset: 'utf-8', headers, translations };
}

/** What JupyterLab reads. Texts without a translation are left out: those are shown in English. */
function compile({ headers, translations }) {
  const texts = Object.values(translations)
    .flatMap(Object.values)
    .filter(({ msgid, msgstr }) => msgid && msgstr.every(Boolean))
    .map(({ msgctxt, msgid, msgstr }) => [msgctxt ? `${msgctxt}\u0004${msgid}` : msgid, msgstr]);
  const head = {
    domain: DOMAIN,
    language: headers.Language.replace('_', '-'),
    pluralForms: headers['Plural-Forms'],
    plural_forms: headers['Plural-Forms'],
    version
  };
  return `${JSON.stringify({ '': head, ...Object.fromEntries(texts) }, null, 1)}\n`;
}

/** What a translation lacks, or would break. */
function faultsOf({ headers, translations }, language) {
  const forms = Number(/nplurals\s*=\s*(\d+)/.exec(headers['Plural-Forms'])?.[1]);
  const marks = text => [...new Set(text.match(/%\d/g))].sort().join(' ');
  return Object.values(translations)
    .flatMap(Object.values)
    .filter(({ msgid }) => msgid)
    .flatMap(({ msgid, msgid_plural: plural, msgstr, comments }) => {
      const say = words => `${language}: “${msgid}” ${words}`;
      if (msgstr.length !== (plural === undefined ? 1 : forms) || !msgstr.every(Boolean)) {
        return [say('is not translated.')];
      }
      if (/fuzzy/.test(comments?.flag ?? '')) {
        return [say('is marked as fuzzy: somebody has to look at it.')];
      }
      // A form for one thing may do without its number.
      const wrong = msgstr.some((text, at) =>
        plural === undefined
          ? marks(text) !== marks(msgid)
          : ![marks(msgid), marks(plural)].includes(marks(text)) &&
            !(at === 0 && marks(text) === marks(msgid).replace(/%1 ?/, ''))
      );
      return wrong
        ? [say(`must keep ${marks(plural ?? msgid) || 'no %1'}: “${msgstr.at(-1)}”`)]
        : [];
    });
}

function main() {
  const isCheck = process.argv.includes('--check');
  const named = process.argv.slice(2).filter(word => !word.startsWith('-'));
  const entries = extract();
  const there = existsSync(LOCALES) ? readdirSync(LOCALES).filter(name => /^[a-z]/.test(name)) : [];
  const stale = [];
  for (const language of new Set([...there, ...named])) {
    const po = join(LOCALES, language, 'LC_MESSAGES', `${DOMAIN}.po`);
    const before = existsSync(po) ? readFileSync(po, 'utf8') : null;
    const catalogue = merge(before && gettext.po.parse(before), entries, language);
    const made = [
      [po, `${gettext.po.compile(catalogue, { foldLength: 0 }).toString('utf8').trimEnd()}\n`],
      [po.replace(/po$/, 'json'), compile(catalogue)]
    ];
    for (const [file, text] of made) {
      if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
        stale.push(relative(ROOT, file));
        if (!isCheck) {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, text);
        }
      }
    }
    faults.push(...faultsOf(catalogue, language));
  }
  if (isCheck && stale.length > 0) {
    faults.push(`${stale.join(', ')}: not as the sources are. Run \`jlpm translations\`.`);
  }
  faults.forEach(words => console.error(words));
  console.log(`${entries.length} texts, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

main();

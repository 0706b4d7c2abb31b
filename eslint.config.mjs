import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** The whole rule set of Jupyter's own plugin; what it only recommends is an error here. */
const jupyterRules = prefix =>
  Object.fromEntries(
    Object.keys(jupyter.rules)
      .filter(
        name => name !== 'no-schema-enum' && name.startsWith('galata-') === (prefix === 'galata')
      )
      .map(name => [`jupyter/${name}`, 'error'])
  );

const ban = (group, message) => ({ group, message });
const app = ban(['@jupyterlab/application'], 'Only plugins see the application.');
const plugins = ban(
  ['**/plugins/**', '**/plugins'],
  'Plugins wire the parts; no part knows its plugin.'
);
const view = ban(['**/view/**', '**/view'], 'Views are at the end of the arrow; hand them data.');
const fakes = ban(['**/testing/**', '**/testing'], 'Builders and fakes are for specs only.');
const react = ban(
  ['react', 'react-dom', 'react-dom/**', '@jupyterlab/ui-components', '@jupyterlab/apputils'],
  'A model shows nothing and asks nobody: no React, no dialogs.'
);

/** The arrows: plugins wire → api speaks → model remembers → view shows. */
const arrows = [
  [['src/**'], [app, plugins, fakes]],
  [['src/index.ts'], [fakes]],
  [['src/plugins/**'], [fakes]],
  [['src/api/**'], [app, fakes, ban(['../*'], 'The api imports nothing of ours.')]],
  [['src/model/**'], [app, plugins, fakes, view, react]],
  [['src/notebook/**'], [app, plugins, fakes, ban(['**/model/**', '**/model'], 'Take data.')]],
  [
    ['src/view/**'],
    [
      app,
      plugins,
      fakes,
      ban(['**/model/**', '**/model'], 'A view takes data and says what happened.'),
      ban(['**/api/client'], 'A view never speaks to the server.')
    ]
  ]
].map(([files, patterns]) => ({
  files,
  ignores: ['src/testing/**', 'src/**/__tests__/**'],
  rules: { 'no-restricted-imports': ['error', { patterns }] }
}));

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/lib/**',
      '.venv*/**',
      'coverage/**',
      'reports/**',
      'jupyterlab_compute/labextension/**',
      'src/api/schema.ts',
      'ui-tests/{test-results,playwright-report}/**'
    ]
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,mjs}'],
    extends: [js.configs.recommended],
    languageOptions: { globals: globals.node }
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [js.configs.recommended, tseslint.configs.recommended],
    plugins: { jupyter, 'react-hooks': reactHooks },
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      ...jupyterRules('core'),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } }
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // A token and its interface bear the same name (`IJobs`).
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none', ignoreRestSiblings: true }],
      curly: ['error', 'all'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'prefer-arrow-callback': 'error',
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error'
    }
  },
  ...arrows,
  {
    // Specs own what they make for one test only, and their words are read by developers.
    files: ['src/**/__tests__/**', 'src/testing/**'],
    rules: {
      'jupyter/no-untranslated-string': 'off',
      'jupyter/prefer-lazy-imports': 'off',
      'jupyter/prefer-signal-this-arg': 'off',
      'jupyter/require-disposable-ownership': 'off',
      'jupyter/require-disposable-transfer': 'off',
      'jupyter/require-signal-cleanup': 'off',
      'jupyter/require-signal-this-arg': 'off',
      'max-lines': 'off'
    }
  },
  {
    files: ['ui-tests/**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommended],
    plugins: { jupyter },
    rules: {
      // A fixture that needs no other one must say so with {}.
      'no-empty-pattern': 'off',
      // The stories use plain Playwright, for logins and second users; galata's helpers are not there.
      'jupyter/require-soft-assertions-before-snapshots': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      eqeqeq: 'error'
    }
  },
  {
    files: ['schema/*.json'],
    extends: [jupyter.configs.recommended.find(({ files }) => files.includes('**/schema/*.json'))],
    plugins: { jupyter },
    rules: { 'jupyter/no-schema-enum': 'error' }
  },
  prettier,
  { rules: { curly: ['error', 'all'] } }
);

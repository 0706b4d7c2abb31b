const jestJupyterLab = require('@jupyterlab/testutils/lib/jest-config');

// Packages that are published as ES modules only and so must pass through babel.
const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@lezer',
  '@marijn',
  '@microsoft',
  '@noble',
  'color',
  'exenv-es6',
  'ky',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...jestJupyterLab(__dirname),
  reporters: ['default'],
  roots: ['<rootDir>/src'],
  testRegex: '/__tests__/.*\\.spec\\.tsx?$',
  // The built extension holds a second package.json of the same name.
  modulePathIgnorePatterns: ['<rootDir>/jupyterlab_compute/labextension', '<rootDir>/lib'],
  transformIgnorePatterns: [`/node_modules/(?!(${esModules})(/|-)).+`],
  collectCoverageFrom: [
    'src/**/*.{ts,tsx}',
    '!src/api/schema.ts',
    '!src/**/__tests__/**',
    '!src/testing/**'
  ]
};

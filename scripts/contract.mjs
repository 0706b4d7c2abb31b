// Writes src/api/schema.ts from the contract; with --check, only says whether it is up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const contract = new URL('../jupyterlab_compute/contract/openapi.yaml', import.meta.url);
const schema = fileURLToPath(new URL('../src/api/schema.ts', import.meta.url));

if (!existsSync(contract)) {
  console.error(`There is no contract at ${fileURLToPath(contract)}.`);
  process.exit(1);
}

const head =
  '// GENERATED from jupyterlab_compute/contract/openapi.yaml by `jlpm contract`. Do not edit.\n\n';
const fresh =
  head +
  astToString(
    await openapiTS(contract, {
      // An object without listed keys holds anything; a default is the server's business, so that
      // a request may leave the field out.
      emptyObjectsUnknown: true,
      defaultNonNullable: false
    })
  );

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(schema), { recursive: true });
  writeFileSync(schema, fresh);
} else if (!existsSync(schema) || readFileSync(schema, 'utf8') !== fresh) {
  console.error(
    'src/api/schema.ts does not match the contract. Run `jlpm contract` and commit it.'
  );
  process.exit(1);
}

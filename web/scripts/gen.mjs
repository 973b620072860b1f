// Writes src/api/schema.d.ts from the server's OpenAPI file. `--stdout` prints instead (the staleness test uses it).
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const source = process.env.DIANKA_OPENAPI ?? new URL('../../server/openapi.json', import.meta.url)
const target = new URL('../src/api/schema.d.ts', import.meta.url)

export async function generate() {
  const ast = await openapiTS(JSON.parse(await readFile(source, 'utf8')), { alphabetize: true })
  return `// Generated from server/openapi.json by \`npm run gen\`. Do not edit.\n\n${astToString(ast)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await generate()
  if (process.argv.includes('--stdout')) process.stdout.write(text)
  else await writeFile(target, text)
}

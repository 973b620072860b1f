// Weighs the built files, gzip, against the budgets. A route costs every file that a cold load of it fetches.
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'))
const KB = 1024
const weights = new Map()

async function weigh(file) {
  if (!weights.has(file)) weights.set(file, gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length)
  return weights.get(file)
}

function collect(key, files = new Set(), seen = new Set()) {
  if (seen.has(key)) return files
  seen.add(key)
  const chunk = manifest[key]
  if (!chunk) throw new Error(`no chunk named ${key} in the build`)
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) collect(next, files, seen)
  return files
}

async function total(keys) {
  const files = new Set(['index.html'])
  for (const key of keys) for (const file of collect(key)) files.add(file)
  let sum = 0
  for (const file of files) sum += await weigh(file)
  return sum
}

const zh = 'src/i18n/zh-CN/index.ts'
const routes = [
  ['login', ['index.html', zh, 'src/pages/LoginPage.vue'], 100],
  ['sale', ['index.html', zh, 'src/shell/AppShell.vue', 'src/counter/sale/SalePage.vue'], 100],
  ['open', ['index.html', zh, 'src/shell/AppShell.vue', 'src/counter/open/OpenPage.vue'], 100],
  ['meters', ['index.html', zh, 'src/shell/AppShell.vue', 'src/office/MetersPage.vue'], 260],
  ['analysis', ['index.html', zh, 'src/shell/AppShell.vue', 'src/analysis/AnalysisPage.vue'], 260],
]
let failed = false
const report = (name, bytes, budget) => {
  const over = bytes > budget * KB
  failed ||= over
  console.log(`${over ? 'OVER ' : 'ok   '} ${name.padEnd(10)} ${(bytes / KB).toFixed(1).padStart(7)} KB gzip  (budget ${budget})`)
}
for (const [name, keys, budget] of routes) report(name, await total(keys), budget)
report('chart', await weigh(manifest['src/analysis/echarts.ts'].file), 220)
process.exit(failed ? 1 : 0)

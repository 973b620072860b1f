// The texts: both languages have the same keys and placeholders, every key is used, no Chinese stands in the code,
// and every code of the server's table has its text.
import { readFile, readdir } from 'node:fs/promises'

const here = new URL('../', import.meta.url)
const read = (path) => readFile(new URL(path, here), 'utf8')
const faults = []

function flatten(value, prefix = '', out = new Map()) {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') out.set(prefix + key, inner)
    else flatten(inner, `${prefix}${key}.`, out)
  }
  return out
}
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join(',')

function compare(name, zh, en) {
  for (const key of zh.keys()) if (!en.has(key)) faults.push(`${name}: ${key} is missing in en`)
  for (const key of en.keys()) if (!zh.has(key)) faults.push(`${name}: ${key} is missing in zh-CN`)
  for (const [key, text] of zh) {
    const other = en.get(key)
    if (other === undefined) continue
    if (placeholders(text) !== placeholders(other)) faults.push(`${name}: ${key} has other placeholders in en`)
    if ((text === '') !== (other === '')) faults.push(`${name}: ${key} is empty in one language`)
    if (/[|@]/.test(text + other)) faults.push(`${name}: ${key} has a character of vue-i18n's syntax`)
  }
}

const topics = (await readdir(new URL('src/i18n/zh-CN', here))).filter((file) => file.endsWith('.json'))
const used = []
for (const path of await readdir(new URL('src', here), { recursive: true })) {
  if (!/\.(vue|ts)$/.test(path) || path.endsWith('schema.d.ts')) continue
  const text = await read(`src/${path}`)
  used.push(text)
  if (path.startsWith('i18n')) continue
  // Comments may name the field's own terms; what reaches the screen may not come from the code.
  const code = text.replace(/<!--[\s\S]*?-->/g, '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
  const found = /[\u4e00-\u9fff][^\n]{0,20}/.exec(code)
  if (found) faults.push(`src/${path}: a text in the code: ${found[0]}`)
}
const code = used.join('\n')
for (const file of topics) {
  const zh = flatten(JSON.parse(await read(`src/i18n/zh-CN/${file}`)))
  compare(file, zh, flatten(JSON.parse(await read(`src/i18n/en/${file}`))))
  const topic = file.replace('.json', '')
  for (const key of zh.keys()) {
    // Looked up by a code at run time: sale.pay_cash, office.answer.found ...
    const group = `${topic}.${key.split('.').slice(0, -1).join('.')}`
    const stem = `${topic}.${key}`
    const dynamic = code.includes(`'${group}'`) || (code.includes(`word('${topic}', \``) && /^(pay|step|m|unit)_|^(month|day)$/.test(key))
    if (!dynamic && !code.includes(`'${stem}'`)) faults.push(`${file}: ${key} is used nowhere`)
  }
}
// Shared with the server, which looks them up by its own codes.
compare('params.json', ...(await Promise.all(['zh-CN', 'en'].map(async (language) => flatten(JSON.parse(await read(`../i18n/${language}/params.json`)))))))
const errors = { zh: JSON.parse(await read('../i18n/zh-CN/errors.json')), en: JSON.parse(await read('../i18n/en/errors.json')) }
compare('errors.json', flatten(errors.zh), flatten(errors.en))
const table = await read('../server/src/errors.rs')
for (const [, name] of table.matchAll(/^\s+\w+ = "([a-z_.]+)",/gm)) if (!(name in errors.zh)) faults.push(`errors.json: no text for ${name}`)

// Invariants of the reconciliation, and the names of the figures in their rows.
for (const file of ['invariants.json', 'facts.json']) {
  compare(file, ...(await Promise.all(['zh-CN', 'en'].map(async (language) => flatten(JSON.parse(await read(`../i18n/${language}/${file}`)))))))
}
const facts = JSON.parse(await read('../i18n/zh-CN/facts.json'))
const told = new Set([...(await read('../store/src/reconcile/invariants.rs')).matchAll(/"([a-z_]+)" = "/g)].map((match) => match[1]))
for (const path of await readdir(new URL('../store/src/reconcile/sql', here))) {
  for (const [, inside] of (await read(`../store/src/reconcile/sql/${path}`)).matchAll(/jsonb_build_object\(([\s\S]*?)\) AS facts/g)) {
    for (const [, name] of inside.matchAll(/(?:^\s*|,\s+)'([a-z_]+)', /g)) told.add(name)
  }
}
for (const name of told) if (!(name in facts)) faults.push(`facts.json: no text for ${name}`)
for (const name of Object.keys(facts)) if (!told.has(name)) faults.push(`facts.json: ${name} is used nowhere`)

for (const fault of faults) console.error(fault)
console.log(`texts: ${topics.length} topics, ${Object.keys(errors.zh).length} error codes, ${faults.length} faults`)
process.exit(faults.length > 0 ? 1 : 0)

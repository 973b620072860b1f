// The page in a real Chromium, against a real server in learning mode.
//   DIANKA_URL          http://127.0.0.1:8080
//   DIANKA_SETUP_TOKEN  on a fresh server; or DIANKA_DATA, its data folder, where the token is read
//   DIANKA_EXAMPLES     the folder of the drivers that are built and not shipped; target/example-drivers
//   DIANKA_LOGIN, DIANKA_PASSWORD   on one that is set up
// Pictures go to e2e/out/. Ends with "N passed, N failed" (steps; the first that fails ends the run), and with 0 only if
// everything was as it must be.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { api } from './api.mjs'
import { blankPulled, breaking, lineDrop } from './breaking.mjs'
import { openBrowser, shot } from './browser.mjs'
import { signIn } from './counter.mjs'
import { readerVersions } from './drivers.mjs'
import { mainJob } from './main-job.mjs'
import { door, languageSwitch, pages } from './pages.mjs'
import { readerTest, refusals } from './refusals.mjs'
import { replacing } from './replacing.mjs'
import { manyTabs } from './tabs.mjs'
import { tokens } from './tokens.mjs'

const url = (process.env.DIANKA_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
const login = process.env.DIANKA_LOGIN ?? 'e2e'
const password = process.env.DIANKA_PASSWORD ?? 'e2e-clerk-2026'
const token = process.env.DIANKA_SETUP_TOKEN
  ?? (process.env.DIANKA_DATA ? (await readFile(join(process.env.DIANKA_DATA, 'setup-token'), 'utf8').catch(() => '')).trim() : undefined)

const started = Date.now()
let steps = 0
const say = (what) => {
  steps += 1
  console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s] ${what}`)
}
const world = await openBrowser(url)
let failed = false
try {
  say('sign in')
  await signIn(world.page, url, { login, password, token })
  const examples = process.env.DIANKA_EXAMPLES ?? join(import.meta.dirname, '../../target/example-drivers')
  const all = { ...world, examples, say, login, password, look: await api(url, login, password) }
  const job = await mainJob(all)
  await breaking({ ...all, job })
  await blankPulled(all)
  await replacing(all)
  await refusals(all)
  await tokens(all)
  await readerTest(all)
  await readerVersions(all)
  await lineDrop(all)
  await manyTabs(all)
  await languageSwitch(all)
  await pages({ ...all, job })
  await door(all)
  if (world.complaints.length > 0) throw new Error(`the page complains:\n  ${world.complaints.join('\n  ')}`)
} catch (error) {
  failed = true
  console.error(error instanceof Error ? error.stack ?? error.message : error)
  for (const complaint of world.complaints) console.error(complaint)
  await shot(world.page, 'failure').catch(() => undefined)
}
await world.browser.close()
console.log(failed ? `${steps - 1} passed, 1 failed` : `${steps} passed, 0 failed`)
process.exit(failed ? 1 : 0)

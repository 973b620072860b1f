// The browser, and what every script here needs of it.
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const out = fileURLToPath(new URL('./out/', import.meta.url))

export class Failure extends Error {}

export async function openBrowser(url) {
  await mkdir(out, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const complaints = []
  // What the page itself gets wrong. A refused request is the business of the script that asked for it.
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !/Failed to load resource|ERR_INTERNET_DISCONNECTED|net::ERR_/.test(text)) complaints.push(`console: ${text}`)
  })
  return { browser, context, page, complaints, url }
}

export const by = (name) => `[data-test="${name}"]`

export async function see(page, selector, what = selector) {
  try {
    return await page.waitForSelector(selector, { state: 'visible' })
  } catch {
    const step = await page.getAttribute('[data-step]', 'data-step', { timeout: 500 }).catch(() => null)
    const said = await page.locator('[role=alert]').allTextContents()
    throw new Failure(`not seen: ${what} (step ${step}; says: ${said.join(' / ').replace(/\s+/g, ' ').slice(0, 300)})`)
  }
}

export function equal(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Failure(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`)
}

export async function text(page, selector) {
  return (await (await see(page, selector)).textContent() ?? '').replace(/\s+/g, ' ').trim()
}

/** Waits until the text of an element is this. */
export async function becomes(page, selector, wanted) {
  const until = Date.now() + 15_000
  let found = ''
  while (Date.now() < until) {
    found = await text(page, selector)
    if (wanted instanceof RegExp ? wanted.test(found) : found === wanted) return
    await page.waitForTimeout(50)
  }
  throw new Failure(`${selector}: "${found}" instead of ${wanted}`)
}

export async function focused(page) {
  return page.evaluate(() => document.activeElement?.getAttribute('data-test') ?? document.activeElement?.tagName ?? '')
}

export async function shot(page, name) {
  await page.screenshot({ path: `${out}${name}.png` })
}

/** Violations of WCAG 2.2 AA and of good practice, as lines; empty when there are none. */
export async function axe(page) {
  // Transitions of focus and theme must be over, or half-way colours are measured.
  await page.waitForTimeout(150)
  return page.evaluate(async ([source, standards]) => {
    if (!globalThis.axe) (0, eval)(source)
    const { violations } = await globalThis.axe.run(document, { runOnly: standards, iframes: false })
    return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`))
  }, [axeSource, STANDARDS])
}

export async function noViolations(page, name) {
  const found = await axe(page)
  if (found.length > 0) throw new Failure(`axe, ${name}:\n    ${found.join('\n    ')}`)
}

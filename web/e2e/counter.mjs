// What a clerk does, by keyboard.
import { Failure, becomes, by, noViolations, see, shot, text } from './browser.mjs'

export const step = (page, name) => see(page, `[data-step="${name}"]`, `step ${name}`)

export async function signIn(page, url, { login, password, token }) {
  const system = await (await page.request.get(`${url}/api/v1/system`)).json()
  if (system.needs_setup) {
    if (!token) throw new Failure('the server needs its set-up token: set DIANKA_SETUP_TOKEN or DIANKA_DATA')
    await page.goto(`${url}/setup?token=${token}`)
    await see(page, '[name=login]')
    if (await page.inputValue('[name=token]') !== token) throw new Failure('the token of the address is not filled in')
    await noViolations(page, 'set-up')
    await shot(page, 'setup')
    await page.focus('[name=login]')
    await page.keyboard.type(login)
    for (const value of ['E2E Clerk', password, password]) {
      await page.keyboard.press('Tab')
      await page.keyboard.type(value)
    }
  } else {
    await page.goto(`${url}/login`)
    await see(page, '[name=login]')
    if (await page.locator('[name=organisation]').count() > 0) await page.focus('[name=login]')
    await page.keyboard.type(login)
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
  }
  await page.keyboard.press('Enter')
  await see(page, '[data-step]')
  await emptyReader(page)
}

/** What a run that broke off has left in the reader. */
async function emptyReader(page) {
  await bench(page, true)
  if (await page.locator(by('take-out')).count() > 0) await page.click(by('take-out'))
  await page.waitForSelector(by('take-out'), { state: 'detached' })
  await bench(page, false)
  await step(page, 'idle')
}

/** The bench panel, open or closed. */
export async function bench(page, open) {
  await see(page, '[data-key="F7"]')
  const shown = await page.locator(by('bench')).count() > 0
  if (shown !== open) await page.keyboard.press('F7')
  if (open) await see(page, `${by('bench')}[data-loaded="true"] ${by('new-card')}`)
}

/** A number of a keypad meter: 11 digits, the last of which makes the sum by Luhn whole. */
export function eleven() {
  const body = `86${eight()}`
  const sum = [...body].reverse().reduce((all, digit, at) => {
    const value = at % 2 === 0 ? Number(digit) * 2 : Number(digit)
    return all + (value > 9 ? value - 9 : value)
  }, 0)
  return `${body}${(10 - (sum % 10)) % 10}`
}

const eight = () => String(Math.floor(Math.random() * 1e8)).padStart(8, '0')
export { eight }

/** At /open: a number that nobody has taken into stock yet, taken in on the spot, with the first area and tariff by keyboard. Gives it; the
 *  caret is in the name then. */
export async function meterOnTheSpot(page, typeId) {
  const no = eight()
  await page.focus(by('meter-input'))
  await page.keyboard.type(no)
  await page.keyboard.press('Enter')
  await see(page, by('here-type'))
  await page.selectOption(by('here-type'), typeId)
  await page.click(by('here-intake'))
  for (const field of ['area', 'tariff']) {
    await page.waitForFunction((name) => document.activeElement?.getAttribute('data-test') === name, field)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
  }
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-test') === 'name')
  return no
}

/** A new card; gives its id. */
export async function newCard(page, kind = 'new-card') {
  const ids = () => page.locator('[data-card]').evaluateAll((rows) => rows.map((row) => row.dataset.card))
  const before = await ids()
  await page.click(by(kind))
  for (let tries = 0; tries < 100; tries++) {
    const made = (await ids()).find((id) => !before.includes(id))
    if (made !== undefined) return made
    await page.waitForTimeout(50)
  }
  throw new Failure('no new card came')
}

export async function hangMeter(page, factoryNo) {
  await page.fill(by('new-meter-no'), factoryNo)
  await page.keyboard.press('Enter')
  await page.waitForFunction((no) => [...document.querySelectorAll('[data-test="pick-meter"] option')].some((option) => option.textContent.includes(no)), factoryNo)
  await pickMeter(page, factoryNo)
}

export async function pickMeter(page, factoryNo) {
  const value = await page.locator(`${by('pick-meter')} option`, { hasText: factoryNo }).getAttribute('value')
  await page.selectOption(by('pick-meter'), value)
}

const PLACES = { r: 'reader', m: 'meter', d: 'drawer' }

/** Moves a card by its key: r reader, m meter, d drawer. */
export async function move(page, card, key) {
  const row = `[data-card="${card}"]`
  await page.focus(row)
  await page.keyboard.press(key)
  await see(page, `${row}[data-place="${PLACES[key]}"]`, `card ${card} in the ${PLACES[key]}`)
}

export async function intoMeter(page, card, code) {
  await move(page, card, 'm')
  const outcome = await see(page, by('outcome'))
  const found = await outcome.getAttribute('data-code')
  if (found !== code) throw new Failure(`the meter says ${found} instead of ${code}`)
  await move(page, card, 'd')
}

/** Digits, Enter, Enter; gives what was to pay. The second Enter follows when it counts as meant. */
export async function sellByKeys(page, digits, { energy = false, cash = '' } = {}) {
  await see(page, by('amount'))
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-test') === 'amount')
  // F4 stays as it was left: an office that sells by kWh presses it once a day.
  if (await page.locator('[name=mode][value=energy]').isChecked() !== energy) await page.keyboard.press('F4')
  await page.keyboard.type(digits)
  await see(page, by('to-pay'))
  await page.keyboard.press('Enter')
  await see(page, by('confirm'))
  const due = await text(page, `${by('confirm')} ${by('to-pay')}`)
  if (cash !== '') await page.keyboard.type(cash)
  await page.waitForTimeout(450)
  await page.keyboard.press('Enter')
  return due
}

export async function finished(page) {
  await step(page, 'done')
  await see(page, by('done'))
}

export { becomes }

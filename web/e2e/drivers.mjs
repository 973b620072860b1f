// A reader driver's next version: sent in on the page, tried at one counter, gone back from.
import { existsSync } from 'node:fs'
import { Failure, by, noViolations, see, shot } from './browser.mjs'

const DRIVER = 'ccid-serial'

export async function readerVersions({ page, url, say, look, examples }) {
  say("a reader driver's next version is sent in, tried at one counter, and gone back from")
  const file = `${examples}/${DRIVER}-1.0.1.wasm`
  if (!existsSync(file)) throw new Failure(`${file} is not there: plugins/build makes it`)
  const counter = (await look('/workstations')).items.find((one) => one.number === 0)
  const driven = async (version) => {
    const until = Date.now() + 20_000
    let reader
    while (Date.now() < until) {
      reader = (await look(`/workstations/${counter.id}/state`)).reader
      if (reader.state === 'ready' && reader.driver_version === version) return
      await page.waitForTimeout(100)
    }
    throw new Failure(`${version} was chosen, and the reader is at ${JSON.stringify(reader)}`)
  }
  const row = (version) => `[data-driver="${DRIVER} ${version}"]`
  await driven('1.0.0')
  await page.goto(`${url}/settings/drivers`)
  await see(page, row('1.0.0'))
  if (await page.locator(row('1.0.1')).count() === 0) {
    await page.setInputFiles(`${by('upload')} input[type=file]`, file)
    await page.click(`${by('upload')} button`)
    // It is tried in a process of its own first.
    await page.waitForSelector(row('1.0.1'), { timeout: 90_000 })
  }
  await driven('1.0.0')
  await page.click(`${row('1.0.1')} ${by('driver-use')}`)
  await see(page, by('reader-use-form'))
  await page.click(`${by('reader-use-form')} [name=reader-for] >> nth=1`)
  await page.locator(`${by('reader-use-form')} .some label`, { hasText: counter.name }).locator('input').check()
  await shot(page, 'reader-version')
  await noViolations(page, 'reader version')
  await page.click(by('activate'))
  await see(page, `${by('reader-use-form')} .note.ok`)
  await driven('1.0.1')

  await page.click(`${row('1.0.0')} ${by('driver-use')}`)
  await see(page, by('reader-use-form'))
  await page.click(by('activate'))
  await see(page, by('rollback'))
  await shot(page, 'reader-version-back')
  await page.click(by('rollback'))
  await see(page, `${by('reader-use-form')} .note.ok`)
  await driven('1.0.0')
}

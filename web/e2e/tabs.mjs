// A browser has six connections per server. More tabs than that, and each of them works: they share one stream of events.
import { bench, move, newCard } from './counter.mjs'
import { see } from './browser.mjs'

const TABS = 7

export async function manyTabs({ page, url, say }) {
  say(`${TABS} more tabs: each loads, and each sees the card that one of them puts in`)
  await page.goto(`${url}/sale`)
  await see(page, '[data-step="idle"]')
  const tabs = []
  for (let n = 0; n < TABS; n += 1) {
    const tab = await page.context().newPage()
    await tab.goto(`${url}/sale`)
    await see(tab, '[data-step="idle"]')
    tabs.push(tab)
  }
  await bench(page, true)
  const card = await newCard(page)
  await move(page, card, 'r')
  for (const tab of [page, ...tabs]) await see(tab, '[data-step="choose"]')
  // The first tab has the stream; when it leaves, another one takes over.
  await page.goto(`${url}/help`)
  await page.goto(`${url}/sale`)
  await see(page, '[data-step="choose"]')
  await bench(page, true)
  await move(page, card, 'd')
  for (const tab of [page, ...tabs]) await see(tab, '[data-step="idle"]')
  await bench(page, false)
  for (const tab of tabs) await tab.close()
}

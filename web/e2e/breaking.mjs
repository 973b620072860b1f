// What breaks in between: the card pulled in mid-write, the page reloaded in mid-sale, Enter pressed twice, the line lost.
import net from 'node:net'
import { becomes, by, equal, noViolations, see, shot } from './browser.mjs'
import { bench, finished, intoMeter, meterOnTheSpot, move, newCard, pickMeter, sellByKeys, step } from './counter.mjs'

const sold = async (look, id) => (await look(`/accounts/${id}/history`)).items.filter((item) => item.sale).length

export async function breaking({ page, url, say, look, job }) {
  const { card, meterNo, account } = job
  await page.goto(`${url}/sale`)
  await bench(page, true)
  await pickMeter(page, meterNo)

  say('the card is pulled in mid-write: a recovery screen; the same card back in: finished, charged once')
  await intoMeter(page, card, 'count-behind')
  const before = await sold(look, account.id)
  await move(page, card, 'r')
  await step(page, 'ready')
  await page.fill(by('fault-cells'), '6')
  await page.click(by('fault-set'))
  await page.focus(by('amount'))
  await sellByKeys(page, '50')
  await step(page, 'recovery')
  await see(page, '[data-code="write.removed"]')
  await shot(page, 'recovery')
  await noViolations(page, 'recovery')
  await page.reload()
  await step(page, 'recovery')
  await bench(page, true)

  say('another card at the unfinished sale is told apart, and left alone')
  const other = await newCard(page)
  await move(page, other, 'r')
  await see(page, '[data-test="recovery"] [data-test="other-card"]')
  await page.click('[data-test="recovery"] button[type=submit]')
  await see(page, '[data-code="card.other_sale"]')
  await shot(page, 'recovery-other-card')
  await move(page, other, 'd')
  await move(page, card, 'r')
  await finished(page)
  equal(await sold(look, account.id), before + 1, 'sales after a pulled card')

  say('the reader is unplugged under a finished sale: it stays, also when the reader is back')
  await page.click(by('unplug'))
  await see(page, '[data-code="reader.absent"]')
  await see(page, '[data-step="done"]')
  await see(page, by('receipt-no'))
  await page.click(by('unplug'))
  await page.waitForSelector('[data-code="reader.absent"]', { state: 'detached' })
  await page.waitForTimeout(2_000)
  await see(page, '[data-step="done"]')
  await move(page, card, 'd')
  await step(page, 'idle')
  await pickMeter(page, meterNo)
  await intoMeter(page, card, 'loaded')

  say('Enter twice, and the page reloaded while the card is written: one sale, found again')
  await move(page, card, 'r')
  await step(page, 'ready')
  await sellByKeys(page, '60')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.reload()
  await finished(page)
  equal(await sold(look, account.id), before + 2, 'sales after a double Enter and a reload')
  await bench(page, true)
  await pickMeter(page, meterNo)
  await move(page, card, 'd')
  await step(page, 'idle')
  await intoMeter(page, card, 'loaded')

  say('a sale that waits is shown at the idle counter; its card finishes it')
  await pulled(page, card, '70')
  await page.keyboard.press('Escape')
  await step(page, 'idle')
  await see(page, by('waiting-sales'))
  await shot(page, 'waiting-sales')
  await noViolations(page, 'waiting sales')
  await move(page, card, 'r')
  await finished(page)
  await move(page, card, 'd')
  await step(page, 'idle')
  await page.waitForSelector(by('waiting-sales'), { state: 'detached' })
  await intoMeter(page, card, 'loaded')
  equal(await sold(look, account.id), before + 3, 'sales after one that waited')

  say('the money of an unfinished sale goes back: asked twice, proven on the card, nothing sold')
  await pulled(page, card, '80')
  await page.click(by('void-ask'))
  await see(page, by('void-yes'))
  await shot(page, 'void-ask')
  await noViolations(page, 'void, asked')
  await page.click(by('void-yes'))
  await see(page, '[data-code="void.insert_card"]')
  await move(page, card, 'r')
  await step(page, 'done')
  await see(page, by('voided'))
  await shot(page, 'voided')
  await noViolations(page, 'voided')
  await move(page, card, 'd')
  await step(page, 'idle')
  await intoMeter(page, card, 'count-behind')
  await bench(page, false)
}

/** A sale whose card is pulled in the middle of the write; it is in the drawer then. */
async function pulled(page, card, digits) {
  await move(page, card, 'r')
  await step(page, 'ready')
  await page.fill(by('fault-cells'), '5')
  await page.click(by('fault-set'))
  await see(page, '.bench .note.warn')
  await page.focus(by('amount'))
  await sellByKeys(page, digits)
  await step(page, 'recovery')
  await see(page, `[data-card="${card}"][data-place="drawer"]`)
}

/** A blank card pulled in its first write: it may be still blank, and then a person says that it is the one. */
export async function blankPulled({ page, url, say, look }) {
  const type = (await look('/meter-types')).items.find((one) => one.driver_id.startsWith('gbt18460'))
  for (const cells of ['2', '9']) {
    say(`a blank card is pulled after ${cells} cells of its first purchase, and finished`)
    await page.goto(`${url}/open`)
    await bench(page, true)
    const card = await newCard(page)
    await move(page, card, 'r')
    const meterNo = await meterOnTheSpot(page, type.id)
    await page.keyboard.type(`撕卡 ${cells}`)
    await page.keyboard.press('Enter')
    await see(page, by('created'))
    await page.keyboard.press('Enter')
    await step(page, 'ready')
    await page.fill(by('fault-cells'), cells)
    await page.click(by('fault-set'))
    await see(page, '.bench .note.warn')
    await page.focus(by('amount'))
    await sellByKeys(page, '100')
    await step(page, 'recovery')
    await shot(page, `blank-pulled-${cells}`)
    await move(page, card, 'r')
    // Finished by itself where the card shows what was begun; asked where it is as blank as any other.
    await page.waitForSelector('[data-step="done"], [data-asks="true"]')
    if (await page.locator('[data-asks="true"]').count() > 0) {
      await shot(page, `blank-asked-${cells}`)
      await noViolations(page, 'blank card, asked')
      await page.focus(`${by('recovery')} button[type=submit]`)
      await page.keyboard.press('Enter')
    }
    await finished(page)
    await move(page, card, 'd')
    await step(page, 'idle')
    const account = (await look(`/accounts?q=${meterNo}`)).items[0]
    equal([await sold(look, account.id), account.sold_count], [1, 1], 'sales of the new account')
  }
  await bench(page, false)
}

/** A line that can be cut, between browser and server. */
async function cuttable(url) {
  const target = new URL(url)
  const sockets = new Set()
  let cut = false
  const server = net.createServer((client) => {
    if (cut) return client.destroy()
    const upstream = net.connect(Number(target.port) || 80, target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => { sockets.delete(socket); client.destroy(); upstream.destroy() })
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut(on) {
      cut = on
      if (on) for (const socket of sockets) socket.destroy()
    },
    close: () => { for (const socket of sockets) socket.destroy(); server.close() },
  }
}

export async function lineDrop({ context, url, say }) {
  say('the line drops: it is said, selling stops, and everything comes back by itself')
  const line = await cuttable(url)
  const page = await context.newPage()
  // Another port of the same host shares the refresh cookie: this page signs in by itself.
  await page.goto(`${line.url}/sale`)
  await step(page, 'idle')
  await becomes(page, by('reader'), /读卡器|卡/)
  line.cut(true)
  await see(page, by('line-down'))
  await shot(page, 'line-down')
  await noViolations(page, 'line down')
  line.cut(false)
  await page.waitForSelector(by('line-down'), { state: 'detached' })
  await becomes(page, by('reader'), /读卡器正常|卡已插入/)
  await page.close()
  line.close()
}

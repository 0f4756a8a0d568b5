import { expect, type Page } from '@playwright/test'
import { logIn, person, test } from './desk'
import { dark, fits, violations } from './pages'

async function post(page: Page, method: 'post' | 'put', path: string, data: object) {
  const csrf = (await (await page.request.get('/api/session')).json()).csrf as string
  const answer = await page.request[method](path, { data, headers: { 'x-csrf-token': csrf } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

/** Presses on a case that this person works on, so that they are told. */
async function urge(agent: Page, handler: string): Promise<string> {
  const found = await (await agent.request.get('/api/search?kind=case&open=true&limit=50&q=' + encodeURIComponent('电梯'))).json()
  const line = found.items.map((hit: { case: { id: string; handler_name: string | null } }) => hit.case).find((one: { handler_name: string | null }) => one.handler_name === handler)
  expect(line).toBeTruthy()
  const view = await (await agent.request.get(`/api/cases/${line.id}`)).json()
  await post(agent, 'post', `/api/cases/${line.id}/actions/urge`, { input: {}, seen: view.version })
  return line.id
}

test('a notice arrives by itself, is announced once in however many pages, and opening it marks it as seen', async ({ browser }) => {
  test.setTimeout(180_000)
  const agent = await person(browser, 'agent1')
  const page = await person(browser, 'engineer')
  // The browser's own notifications, counted across the pages of one computer
  await page.context().addInitScript(() => {
    class Told {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      onclick = null
      constructor(_title: string, options: { tag: string }) {
        localStorage.setItem('told', `${localStorage.getItem('told') ?? ''}${options.tag} `)
      }
      close() {}
    }
    Object.defineProperty(globalThis, 'Notification', { value: Told })
  })
  await post(page, 'put', '/api/preferences/notices', { value: { browser: true, sound: false } })
  await page.goto('/notices')
  const second = await page.context().newPage()
  await second.goto('/notices')
  await expect(page.getByRole('heading', { name: '通知' })).toBeVisible()
  await expect(page.getByRole('table').or(page.getByText('没有未读的通知')).first()).toBeVisible()
  const before = await page.evaluate(() => localStorage.getItem('told') ?? '')

  const id = await urge(agent, '雷鸣')
  const link = page.getByRole('link', { name: /客户催办/ }).first()
  await expect(link).toBeVisible()
  await expect(second.getByRole('link', { name: /客户催办/ }).first()).toBeVisible()
  await expect.poll(() => page.evaluate(() => localStorage.getItem('told') ?? '')).not.toBe(before)
  const told = (await page.evaluate(() => localStorage.getItem('told') ?? '')).slice(before.length).trim().split(' ')
  expect(new Set(told).size).toBe(told.length)
  // Read again, it is not said again
  await page.reload()
  await expect(page.getByRole('link', { name: /客户催办/ }).first()).toBeVisible()
  expect((await page.evaluate(() => localStorage.getItem('told') ?? '')).slice(before.length).trim().split(' ')).toEqual(told)

  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: /客户催办/ }).first().click()
  await expect(page).toHaveURL(new RegExp(`/cases/${id}`))
  await page.goto('/notices')
  await page.getByRole('button', { name: '全部标为已读' }).click()
  await expect(page.getByText('没有未读的通知')).toBeVisible()
  await expect(page.getByRole('link', { name: '通知，0条未读' })).toBeVisible()
})

test('how one is told is chosen per person, and what cannot be is said at its field', async ({ page }) => {
  await logIn(page, 'agent3')
  await page.goto('/notices')
  await page.getByRole('button', { name: '提醒方式' }).click()
  const sheet = page.getByRole('dialog', { name: '提醒方式' })
  await sheet.getByLabel('每天这段时间不打扰').check()
  await sheet.getByLabel('从', { exact: true }).fill('21:00')
  await sheet.getByLabel('到', { exact: true }).fill('08:00')
  await sheet.getByLabel('超时：发邮件').check()
  await sheet.getByRole('button', { name: '存下设置' }).click()
  await expect(sheet.getByText(/请先填写邮箱/)).toBeVisible()
  expect(await violations(page)).toEqual([])
  await sheet.getByLabel('超时：发邮件').uncheck()
  await sheet.getByRole('button', { name: '存下设置' }).click()
  await expect(sheet).toBeHidden()
  await page.reload()
  await page.getByRole('button', { name: '提醒方式' }).click()
  await expect(sheet.getByLabel('从', { exact: true })).toHaveValue('21:00')
  for (const width of [1366, 390]) {
    await page.setViewportSize({ width, height: 700 })
    await dark(page, width === 390)
    await fits(page)
    expect(await violations(page)).toEqual([])
  }
})

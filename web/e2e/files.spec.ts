import { expect } from '@playwright/test'
import { begin, person, test } from './desk'
import { fits, violations } from './pages'

/** The smallest picture there is. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('a picture from the phone stands small on the case; what is refused says why and what is taken', async ({ browser }) => {
  const agent = await person(browser, 'agent1')
  await agent.goto('/cases?q=' + encodeURIComponent('电梯'))
  await agent.getByRole('table').getByRole('link').first().click()
  await expect(agent).toHaveURL(/\/cases\/\d+/)
  const address = new URL(agent.url()).pathname
  const context = await browser.newContext({ baseURL: process.env.SHOUWEN_URL, storageState: await agent.context().storageState(), locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const phone = await context.newPage()
  await phone.goto(address)
  await phone.getByRole('tab', { name: /附件/ }).click()
  const camera = phone.getByLabel('拍照')
  await expect(camera).toHaveAttribute('capture', 'environment')
  await camera.setInputFiles({ name: '现场照片.png', mimeType: 'image/png', buffer: PIXEL })
  await expect(phone.getByRole('img', { name: '现场照片.png' }).first()).toBeVisible()
  await fits(phone)
  expect(await violations(phone)).toEqual([])

  const choose = phone.getByLabel('选择文件')
  await choose.setInputFiles({ name: 'run.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') })
  await expect(phone.getByRole('alert')).toContainText('可以上传：jpg')
  await phone.getByRole('button', { name: '知道了' }).click()
  // The name says a picture, the content does not: the server tells
  await choose.setInputFiles({ name: 'fake.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('hello') })
  await expect(phone.getByRole('alert')).toContainText('内容与名称不符')
  await phone.getByRole('button', { name: '知道了' }).click()
  await phone.getByRole('button', { name: '删除现场照片.png' }).first().click()
  await phone.getByRole('button', { name: '删除现场照片.png' }).first().click()
  await expect(phone.getByRole('img', { name: '现场照片.png' })).toHaveCount(0)
  await context.close()
})

test('a form that wants files takes them by the server, and the draft keeps them', async ({ browser }) => {
  const agent = await person(browser, 'agent1')
  await agent.goto('/new/complaints/complaint')
  const slip = agent.locator('#new-case')
  await slip.getByLabel('投诉人', { exact: true }).fill('秋水')
  await slip.getByLabel('投诉内容').fill('市里转来的信函，路灯不亮')
  await agent.getByRole('button', { name: /登记客户投诉/ }).click()
  await expect(agent).toHaveURL(/\/cases\/\d+/)
  const form = await begin(agent, '登记交办要求')
  await form.getByLabel(/选择文件/).setInputFiles({ name: '交办单.png', mimeType: 'image/png', buffer: PIXEL })
  await expect(form.getByRole('link', { name: '交办单.png' })).toBeVisible()
  expect(await violations(agent)).toEqual([])
  await expect(form.getByText(/草稿已存/)).toBeVisible()
  await agent.reload()
  const again = await begin(agent, '登记交办要求')
  await expect(again.getByRole('link', { name: '交办单.png' })).toBeVisible()
})

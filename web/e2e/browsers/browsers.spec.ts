import { execFileSync } from 'node:child_process'
import chromium109 from '@sparticuz/chromium'
import { chromium, expect, type Browser } from '@playwright/test'
import { logIn, test } from '../desk'
import { Firefox } from './bidi'

/** Old or other browsers that people bring: one walk each over the pages that are used most. */
const ENTER = '\uE007'
const firefoxPath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

test('Firefox ESR: log in, desk, palette, cases, statistics, help', async ({}, info) => {
  test.setTimeout(300_000)
  const version = execFileSync(firefoxPath, ['--version'], { encoding: 'utf8' })
  expect(version).toMatch(/esr/)
  const url = process.env.SHOUWEN_URL ?? ''
  const firefox = await Firefox.start(firefoxPath)
  try {
    const tab = await firefox.tab(1366, 640)
    const over = () => tab.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    const picture = async (name: string) => info.attach(name, { body: await tab.picture(), contentType: 'image/png' })
    await tab.go(`${url}/login`)
    // The log-in speaks the browser's language or the last one; Chinese is chosen here
    await tab.see('button[lang=zh-CN]')
    await tab.evaluate("document.querySelector('button[lang=zh-CN]').click()")
    await tab.type('input[name=login]', 'service')
    await tab.type('input[name=password]', `shouwen-demo${ENTER}`)
    await tab.see('h1')
    await tab.see('.track li')
    expect(await over()).toBeLessThanOrEqual(0)
    await picture('desk')
    await tab.go(`${url}/cases`)
    await tab.see('tbody tr')
    expect(await over()).toBeLessThanOrEqual(0)
    await tab.go(`${url}/statistics?pack=complaints`)
    await tab.see('.chart svg')
    await tab.see('td', '客户投诉')
    expect(await over()).toBeLessThanOrEqual(0)
    await picture('statistics')
    await tab.go(`${url}/help/agent`)
    await tab.see('h1', '坐席代表')
    const width = `new Promise((resolve) => {
      const image = document.querySelector('article img')
      const told = () => image.naturalWidth && resolve(image.naturalWidth)
      image.loading = 'eager'
      image.addEventListener('load', told)
      told()
    })`
    expect(await tab.evaluate<number>(width)).toBeGreaterThan(600)
  } finally {
    await firefox.stop()
  }
})

test.describe('Chromium 109', () => {
  let browser: Browser
  test.beforeAll(async () => {
    browser = await chromium.launch({ executablePath: await chromium109.executablePath(), args: [...chromium109.args, '--no-sandbox'] })
  })
  test.afterAll(() => browser.close())

  test('log in, desk, new case with its clocks, statistics, help', async ({}, info) => {
    test.setTimeout(300_000)
    expect(browser.version()).toMatch(/^109\./)
    const context = await browser.newContext({ baseURL: process.env.SHOUWEN_URL, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1366, height: 640 } })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('pageerror', (error) => wrong.push(error.message))
    await logIn(page, 'service')
    await expect(page.locator('.track li').first()).toBeVisible()
    // What this browser does not know falls back to something that is seen
    expect(await page.evaluate(() => CSS.supports('color', 'color-mix(in srgb, red, blue)'))).toBe(false)
    await info.attach('desk', { body: await page.screenshot(), contentType: 'image/png' })
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: '命令面板' }).getByRole('combobox').fill('kanban')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/board/)
    await page.goto('/new/complaints/complaint')
    await page.locator('#new-case').getByLabel('投诉内容').fill('电梯异响')
    await expect(page.getByRole('complementary', { name: '登记后开始计时' }).getByText('启动处理')).toBeVisible()
    await page.goto('/statistics?pack=complaints')
    await expect(page.locator('.chart svg').first()).toBeVisible()
    await page.goto('/help/agent')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('坐席代表')
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(over).toBeLessThanOrEqual(0)
    expect(wrong).toEqual([])
    await context.close()
  })
})

/**
 * Takes the pictures of the help pages from a running demo: `SHOUWEN_URL=… npm run help:pictures`. Only those that are
 * stale, unless `ALL=1`. Each is written as WebP, made by the browser that took it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chromium, type Browser, type Page } from '@playwright/test'
import { fileOf, languages, pictures, stampOf, stamps, type Language, type Picture } from './pictures.ts'

const PASSWORD = 'shouwen-demo'
const baseURL = process.env.SHOUWEN_URL
if (!baseURL) throw new Error('SHOUWEN_URL names a running demo centre.')

async function webp(page: Page, png: Buffer): Promise<Buffer> {
  const url = await page.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth
    canvas.height = image.naturalHeight
    canvas.getContext('2d')?.drawImage(image, 0, 0)
    return canvas.toDataURL('image/webp', 0.8)
  }, png.toString('base64'))
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

async function take(browser: Browser, picture: Picture, language: Language): Promise<void> {
  const viewport = picture.phone ? { width: 390, height: 780 } : { width: 1280, height: 720 }
  const context = await browser.newContext({ baseURL, viewport, colorScheme: 'light', reducedMotion: 'reduce', locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const page = await context.newPage()
  await page.goto('/login')
  if (language === 'en') {
    await page.getByRole('button', { name: 'English' }).click()
    await page.locator('html[lang=en]').waitFor({ state: 'attached' })
  }
  await page.locator('input[name=login]').fill(picture.login)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/desk/)
  await page.goto(picture.path)
  await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' })
  await page.locator(picture.ready).first().waitFor({ timeout: 60_000 })
  await page.locator('.loading').waitFor({ state: 'detached', timeout: 60_000 }).catch(() => undefined)
  await page.evaluate(() => document.fonts.ready)
  writeFileSync(fileOf(picture.name, language), await webp(page, await page.screenshot()))
  await context.close()
}

const known: Record<string, string> = existsSync(stamps) ? JSON.parse(readFileSync(stamps, 'utf8')) : {}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  for (const picture of pictures)
    for (const language of languages) {
      const key = `${picture.name}.${language}`
      const stamp = stampOf(picture, language)
      if (!process.env.ALL && known[key] === stamp && existsSync(fileOf(picture.name, language))) continue
      await take(browser, picture, language)
      known[key] = stamp
      process.stdout.write(`${key}\n`)
      writeFileSync(stamps, `${JSON.stringify(known, null, 2)}\n`)
    }
} finally {
  await browser.close()
}

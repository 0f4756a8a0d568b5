import { existsSync, readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { fileOf, languages, pictures, stampOf, stamps } from '../help/pictures'
import { logIn, test } from './desk'
import { dark, fits, violations } from './pages'

test('no picture of the help pages is stale: `npm run help:pictures` takes them anew', () => {
  const known = JSON.parse(readFileSync(stamps, 'utf8')) as Record<string, string>
  const stale = pictures.flatMap((picture) =>
    languages.filter((language) => known[`${picture.name}.${language}`] !== stampOf(picture, language) || !existsSync(fileOf(picture.name, language))).map((language) => `${picture.name}.${language}`),
  )
  expect(stale).toEqual([])
})

test('help opens at one’s own work, in both languages, and shows its pictures', async ({ page }) => {
  test.setTimeout(240_000)
  await logIn(page, 'security')
  await page.goto('/help')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('管理员')
  await page.getByRole('link', { name: '坐席代表' }).click()
  const picture = page.getByRole('img', { name: /坐席台/ })
  await expect(picture).toBeVisible()
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(600)
  for (const size of [{ width: 1366, height: 640 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size)
    await fits(page)
    for (const on of [false, true]) {
      await dark(page, on)
      expect(await violations(page)).toEqual([])
    }
  }
})

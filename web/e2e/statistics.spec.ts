import { expect } from '@playwright/test'
import { logIn, test } from './desk'
import { dark, fits, violations } from './pages'

test('CMP-8: a figure of the statistics opens down to its cases, month against month', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/statistics?pack=complaints')
  const months = page.getByRole('table', { name: '逐月对照' })
  // A closed month is shown as closed, and opens its own report
  const closed = months.getByRole('row').filter({ hasText: '已结账' }).first()
  await closed.getByRole('button').click()
  await expect(page.getByText('本月已结账')).toBeVisible()
  const table = page.getByRole('table', { name: '按事项类型' }).last()
  const row = table.getByRole('row').filter({ hasText: '客户投诉' })
  const figure = row.locator('td.c-rounds a')
  const counted = Number(await figure.innerText())
  await figure.click()
  const panel = page.getByRole('complementary', { name: /客户投诉·两轮以上/ })
  await expect(panel.getByRole('listitem')).toHaveCount(counted)
  await panel.getByRole('listitem').first().getByRole('link').click()
  await expect(page).toHaveURL(/\/cases\/\d+/)
})

test('the monthly report is printed as paper', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/statistics?pack=complaints')
  await expect(page.locator('.chart svg').first()).toBeVisible({ timeout: 30_000 })
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByRole('heading', { name: /月度统计分析报告/ })).toBeVisible()
  await expect(page.getByRole('heading', { name: '五、整改措施' })).toBeVisible()
  await expect(page.locator('.rail')).toBeHidden()
  await expect(page.locator('.chart').first()).toBeHidden()
})

test('statistics: fits wide by day and narrow by night, no accessibility violation', async ({ page }) => {
  test.setTimeout(240_000)
  await logIn(page, 'service')
  const looks = [
    { size: { width: 1366, height: 640 }, night: false },
    { size: { width: 390, height: 844 }, night: true },
  ]
  for (const { size, night } of looks) {
    await page.setViewportSize(size)
    await page.goto('/statistics?pack=complaints')
    await expect(page.locator('.chart svg').first()).toBeVisible({ timeout: 30_000 })
    await fits(page)
    await dark(page, night)
    expect(await violations(page)).toEqual([])
  }
})

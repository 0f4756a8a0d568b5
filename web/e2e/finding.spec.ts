import { expect } from '@playwright/test'
import { logIn, test } from './desk'
import { dark, fits, violations } from './pages'

test('the search page marks what it found, counts it, and narrows it by filters in the address', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/search')
  await expect(page.getByText('输入要找的词')).toBeVisible()
  await page.getByRole('searchbox').fill('电梯')
  const count = page.getByRole('status').filter({ hasText: '找到' })
  await expect(count).toContainText('“电梯”')
  const first = page.locator('.hit').first()
  await expect(first.locator('mark').first()).toHaveText('电梯')
  const all = Number(/找到([\d,]+)条/.exec(await count.innerText())?.[1]?.replace(',', ''))
  expect(all).toBeGreaterThan(1)
  await page.getByLabel('范围').selectOption('false')
  await expect(page).toHaveURL(/open=false/)
  await expect(async () => {
    const ended = Number(/找到([\d,]+)条/.exec(await count.innerText())?.[1]?.replace(',', ''))
    expect(ended).toBeLessThan(all)
  }).toPass()
  for (const width of [1366, 390]) {
    await page.setViewportSize({ width, height: 700 })
    await fits(page)
    await dark(page, width === 390)
    expect(await violations(page)).toEqual([])
  }
  await page.getByRole('searchbox').fill('<script>alert(1)</script> 没有的词')
  await expect(page.getByText('没有找到')).toBeVisible()
})

test('the palette finds by the same search, customers by their initials, and leads to all results', async ({ page }) => {
  await logIn(page, 'agent1')
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: '命令面板' })
  await palette.getByRole('combobox').fill('lwj')
  await expect(palette.getByRole('group', { name: '客户' }).getByRole('option').first()).toBeVisible()
  await palette.getByRole('combobox').fill('电梯 异响')
  await expect(palette.getByRole('group', { name: '事项' }).locator('mark').first()).toBeVisible()
  await palette.getByRole('option', { name: /搜索“电梯 异响”的全部结果/ }).click()
  await expect(page).toHaveURL(/\/search\?q=/)
  await expect(page.locator('.hit').first()).toContainText('异响')
})

test('CMP-2: what the system proposes stands side by side with what it shares, and a person rejects it with a reason', async ({ page }) => {
  await logIn(page, 'lead')
  await page.goto('/board')
  const asked = page.getByRole('complementary', { name: '等您核定' })
  await asked.getByRole('link', { name: '并排查看' }).first().click()
  await expect(page).toHaveURL(/\/candidates\/\d+\/\d+/)
  await expect(page.getByRole('region', { name: '各件并排' }).getByRole('listitem').first()).toContainText('基准')
  expect(await violations(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  await fits(page)
  await page.setViewportSize({ width: 1366, height: 640 })
  const decide = page.getByRole('complementary', { name: '核定' })
  await decide.getByRole('button', { name: '不认定', exact: true }).click()
  await expect(decide.getByText('请写明认定依据')).toBeVisible()
  await decide.getByLabel('认定依据').fill('逐件看过，不是同一件事')
  await decide.getByRole('button', { name: '不认定', exact: true }).click()
  await expect(page).toHaveURL(/\/board/)
})

import { expect } from '@playwright/test'
import { begin, logIn, send, test } from './desk'
import { fits } from './pages'

const WILD = '<img src=x onerror=alert(1)>&amp;😀 مرحبا بالعالم'
const LONG = `${'电梯又停了没有人来修'.repeat(40)}${'x'.repeat(300)}`

test('markup, emoji, right-to-left letters and endless words on a case are shown as text on every page', async ({ page }) => {
  test.setTimeout(240_000)
  let ran = false
  page.on('dialog', (dialog) => {
    ran = true
    void dialog.dismiss()
  })
  await logIn(page, 'agent1')
  for (const words of [WILD, LONG]) {
    await page.goto('/new/complaints/complaint')
    const slip = page.locator('#new-case')
    await slip.getByLabel('投诉人', { exact: true }).fill(words.slice(0, 60))
    await slip.getByLabel('投诉内容').fill(words)
    await page.getByRole('button', { name: /登记客户投诉/ }).click()
    await expect(page).toHaveURL(/\/cases\/\d+/)
    const id = new URL(page.url()).pathname.split('/').at(-1)
    const note = await begin(page, '写备注')
    await note.getByRole('textbox', { name: '备注', exact: true }).fill(words)
    await send(note)
    await expect(page.getByRole('tabpanel')).toContainText(words.slice(0, 40))
    for (const width of [1366, 390]) {
      await page.setViewportSize({ width, height: 700 })
      for (const path of [`/cases/${id}`, `/desk/${id}`, '/cases', `/search?q=${encodeURIComponent(words.slice(0, 20))}`]) {
        await page.goto(path)
        await expect(page.getByRole('main')).toBeVisible()
        await expect(page.locator('.loading')).toHaveCount(0)
        await expect(page.locator('main img[src="x"]')).toHaveCount(0)
        await fits(page)
      }
    }
    await page.setViewportSize({ width: 1366, height: 700 })
    await page.goto(`/cases/${id}`)
    await expect(page.getByRole('heading', { level: 1 })).toContainText(words.slice(0, 20))
  }
  expect(ran).toBe(false)
})

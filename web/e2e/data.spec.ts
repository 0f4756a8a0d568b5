import { expect } from '@playwright/test'
import { logIn, test } from './desk'

test('a list of cases is taken out as a file, with a reason', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/cases')
  await page.getByRole('button', { name: '导出' }).click()
  const dialog = page.getByRole('dialog', { name: '导出' })
  await dialog.getByLabel(/导出事由/).fill('月度例会')
  await dialog.getByRole('button', { name: '生成文件' }).click()
  const link = dialog.getByRole('link', { name: '下载' })
  await expect(link).toBeVisible()
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  expect(download.suggestedFilename()).toMatch(/\.xlsx$/)
})

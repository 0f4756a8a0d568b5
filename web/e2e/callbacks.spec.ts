import { expect } from '@playwright/test'
import { logIn, test } from './desk'
import { dark, fits, violations } from './pages'

test('CMP-6: a drawn case stands among the call-backs with where it came from; nobody answering is an attempt', async ({ page }) => {
  await logIn(page, 'callback')
  await page.goto('/call-backs')
  await page.getByRole('link', { name: '抽样', exact: true }).click()
  const survey = page.getByRole('region', { name: '回访记录' })
  await expect(survey.getByRole('link', { name: /^原事项/ })).toBeVisible()
  const form = survey.getByRole('form', { name: '登记回访' })
  await form.getByRole('radio', { name: '未接通' }).click()
  await form.getByLabel('客户意见').fill('振铃八声无人接听')
  expect(await violations(page)).toEqual([])
  const subject = await survey.getByRole('heading', { level: 2 }).first().innerText()
  await form.locator('button[type=submit]').click()
  await page.getByRole('table').getByRole('link', { name: subject }).first().click()
  await expect(survey.getByText('振铃八声无人接听').first()).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  await dark(page, true)
  await fits(page)
  expect(await violations(page)).toEqual([])
})

test('a customer who declines the call-back is recorded from the same place, with the reason', async ({ page }) => {
  await logIn(page, 'callback')
  await page.goto('/call-backs')
  const survey = page.getByRole('region', { name: '回访记录' })
  await survey.getByRole('button', { name: '登记免予回访' }).click()
  await expect(survey.getByRole('form', { name: '登记免予回访' }).getByText('客户谢绝回访')).toBeVisible()
})

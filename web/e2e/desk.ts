import { expect, test as base, type Browser, type Locator, type Page } from '@playwright/test'

const PASSWORD = 'shouwen-demo'

/** The address is known only once the server listens, so it is not in the configuration. */
export const test = base.extend<object>({
  baseURL: async ({}, use) => {
    await use(process.env.SHOUWEN_URL)
  },
})

/** Types name and password on the log-in page. */
export async function logIn(page: Page, login: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('工号').fill(login)
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/desk/)
}

/** A person at a browser of their own. */
export async function person(browser: Browser, login: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: process.env.SHOUWEN_URL, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1366, height: 640 } })
  const page = await context.newPage()
  await logIn(page, login)
  return page
}

const button = (scope: Page | Locator, name: string) => scope.getByRole('button', { name, exact: true })

/** Opens an action's form from the bar, or from behind "more". */
export async function begin(page: Page, title: string): Promise<Locator> {
  const bar = page.getByRole('group', { name: '可办理的动作' })
  await expect(bar).toBeVisible()
  if (!(await button(bar, title).isVisible())) await button(bar, '更多动作').click()
  await button(bar, title).first().click()
  const form = page.getByRole('form', { name: title })
  await expect(form).toBeVisible()
  return form
}

/** Sends a form; it closes when the act was done. */
export async function send(form: Locator): Promise<void> {
  await form.locator('button[type=submit]').click()
  await expect(form).toBeHidden()
}

/** Chooses one of a few, whether they lie side by side or open from a list. */
export async function choose(form: Locator, field: string, option: string): Promise<void> {
  const group = form.getByRole('radiogroup', { name: field })
  const list = form.getByRole('combobox', { name: field })
  await expect(group.or(list)).toBeVisible()
  if (await group.isVisible()) await group.getByRole('radio', { name: option, exact: true }).click()
  else await pick(form, field, option)
}

/** Picks a record or option from a list by typing its name. */
export async function pick(form: Locator, field: string, name: string): Promise<void> {
  const list = form.getByRole('combobox', { name: field })
  await list.click()
  await list.fill(name)
  await form.page().locator('.el-select-dropdown__item:visible', { hasText: name }).first().click()
}

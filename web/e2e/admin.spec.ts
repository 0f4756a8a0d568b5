import { expect } from '@playwright/test'
import { logIn, person, pick, test } from './desk'
import { dark, fits, violations } from './pages'

test('a new person is made, given a function, sets a password by the link and logs in; then leaves', async ({ browser, page }) => {
  test.setTimeout(300_000)
  await logIn(page, 'security')
  await page.goto('/admin')
  await page.getByRole('button', { name: '添加人员' }).click()
  const dialog = page.getByRole('dialog', { name: '添加人员' })
  const login = `new${Date.now() % 1_000_000}`
  await dialog.getByLabel('名称').fill('路遥知')
  await dialog.getByLabel('工号').fill(login)
  await dialog.getByRole('button', { name: '添加人员' }).click()

  const panel = page.getByRole('complementary', { name: '路遥知' })
  await expect(panel.getByRole('listitem').first()).toContainText('没有职能')
  await panel.getByRole('button', { name: '授予职能' }).click()
  await pick(panel, '职能', '客服代表')
  await pick(panel, '在哪个部门', '客服中心')
  await panel.getByRole('button', { name: '授予职能' }).click()
  await expect(panel.getByRole('listitem').filter({ hasText: '客服代表' }).first()).toContainText('客服中心')

  await panel.getByRole('button', { name: '生成设密码链接' }).click()
  const link = await panel.locator('code').innerText()
  const context = await browser.newContext({ baseURL: process.env.SHOUWEN_URL, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const own = await context.newPage()
  await own.goto(new URL(link).pathname + new URL(link).hash)
  await own.getByLabel('新密码').fill('a long and quiet river')
  await own.getByLabel('再输一次').fill('a long and quiet river')
  await own.getByRole('button', { name: '设置密码' }).click()
  await own.getByRole('link', { name: '登录' }).click()
  await own.getByLabel('工号').fill(login)
  await own.getByLabel('密码', { exact: true }).fill('a long and quiet river')
  await own.keyboard.press('Enter')
  await expect(own).toHaveURL(/\/desk/)

  // The log-in shows, and ending everything ends it
  await page.reload()
  await expect(panel.getByRole('button', { name: '结束全部登录' })).toBeVisible()
  await panel.getByRole('button', { name: '结束全部登录' }).click()
  await expect(panel.getByText('全部登录已结束。')).toBeVisible()
  await own.goto('/me')
  await expect(own).toHaveURL(/\/login/)

  // Handing over ends it all
  await panel.getByRole('button', { name: '移交全部工作' }).click()
  await pick(panel, '接手人', '林小雨')
  await panel.getByLabel('事由').fill('离岗')
  await panel.getByRole('button', { name: '移交', exact: true }).click()
  await expect(panel.getByText('移交完成，离岗人已停用。')).toBeVisible()
})

test('who may do this and why: the head of service asks for a case and an act', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/cases')
  const address = await page.getByRole('table').getByRole('link').first().getAttribute('href')
  await page.goto(`/admin/rights?case=${address?.split('/').at(-1)}`)
  await expect(page.getByText('规程指定')).toBeVisible()
  await expect(page.getByRole('heading', { level: 2 }).first()).toContainText(/能办|有权办|无权办/)
})

test('the log of accesses is searched by deed, and opens to auditors only', async ({ page, browser }) => {
  await logIn(page, 'audit')
  await page.goto('/admin/accesses')
  await page.getByRole('combobox', { name: '做了什么' }).selectOption('logged_in')
  await expect(page).toHaveURL(/deed=logged_in/)
  await expect(page.getByRole('table').getByRole('row').nth(1)).toContainText('登录')
  await page.goto('/admin/audit?kind=closed_month')
  await expect(page.getByRole('table').getByRole('row').nth(1)).toContainText('月度结账')
  const system = await person(browser, 'system')
  await system.goto('/admin/accesses')
  await expect(system.getByText('这里不对您开放')).toBeVisible()
  await expect(system.getByText('查看记录只对审计管理员和审查员开放。')).toBeVisible()
})

test('sending is held with a reason and let go again', async ({ page }) => {
  await logIn(page, 'system')
  await page.goto('/admin/outbox')
  for (const [act, stands] of [['停止发送', '已停发'], ['恢复发送', '正常发送']] as const) {
    await page.getByRole('button', { name: act }).click()
    const dialog = page.getByRole('dialog', { name: act })
    await dialog.getByLabel('事由').fill('换网关')
    await dialog.getByRole('button', { name: act }).click()
    await expect(page.getByText(stands)).toBeVisible()
  }
})

test('one’s own password is changed only with the present one', async ({ page }) => {
  await logIn(page, 'agent3')
  await page.goto('/me')
  await page.getByLabel('现在的密码').fill('not this one')
  await page.getByLabel('新密码').fill('a long and quiet river')
  await page.getByLabel('再输一次').fill('another')
  await expect(page.getByText('两次输入的新密码不同。')).toBeVisible()
  await page.getByLabel('再输一次').fill('a long and quiet river')
  await page.getByRole('button', { name: '修改密码' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByRole('form').or(page.locator('main')).getByRole('button', { name: '设置动态验证' }).waitFor()
})

const pages: [string, string, string][] = [
  ['people', 'security', '/admin/people'],
  ['units', 'system', '/admin/units'],
  ['who may', 'service', '/admin/rights'],
  ['log-in rules', 'security', '/admin/log_ins'],
  ['tokens', 'security', '/admin/tokens'],
  ['outbox', 'system', '/admin/outbox'],
  ['access log', 'audit', '/admin/accesses'],
  ['audit', 'audit', '/admin/audit'],
  ['running', 'system', '/admin/system'],
  ['closed to an agent', 'agent1', '/admin/audit'],
  ['own log-in', 'agent1', '/me'],
]
for (const [name, login, path] of pages) {
  test(`administration, ${name}: fits wide and narrow, no accessibility violation, light and dark`, async ({ page }) => {
    test.setTimeout(240_000)
    await logIn(page, login)
    for (const size of [{ width: 1366, height: 640 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size)
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.locator('.loading')).toHaveCount(0)
      await fits(page)
      for (const on of [false, true]) {
        await dark(page, on)
        expect(await violations(page)).toEqual([])
      }
    }
  })
}

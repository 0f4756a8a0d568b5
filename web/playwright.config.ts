import { defineConfig, devices } from '@playwright/test'

/**
 * A real browser against the real server: SHOUWEN_BIN names the binary, CHROMIUM_PATH the browser. Each run starts
 * its own server on an empty folder with demo data.
 */
export default defineConfig({
  testDir: 'e2e',
  timeout: 120_000,
  // A machine that builds beside the tests answers slowly, but it answers.
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  reporter: [['list']],
  globalSetup: './e2e/start.ts',
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1366, height: 640 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
})

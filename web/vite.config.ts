import { defineConfig } from 'vite'
import vue from '@vitejs/plugin-vue'

/** `SHOUWEN_API` is a running server to develop against; without it, invented answers from `dev/` are served. */
export default defineConfig(async ({ command, mode }) => {
  const api = process.env.SHOUWEN_API
  const proxy = api ? Object.fromEntries(['/api', '/healthz', '/metrics'].map((path) => [path, { target: api, changeOrigin: false }])) : undefined
  const plugins = [vue()]
  if (command === 'serve' && mode !== 'test' && !api) plugins.push((await import('./dev/invented')).invented())
  return {
    plugins,
    server: { proxy },
    preview: { proxy },
    build: {
      // Older Windows desks and domestic browsers carry Chromium 109; Debian's Firefox is newer by far.
      target: ['es2022', 'chrome109', 'firefox115'],
      // Charts are loaded by the pages that draw, never by the shell.
      chunkSizeWarningLimit: 600,
      rollupOptions: {
        output: {
          // What changes rarely is kept apart, so that a new version of ours is a small download.
          manualChunks: (id: string) =>
            /node_modules\/(element-plus|@element-plus|@popperjs|@floating-ui|async-validator|dayjs|lodash|@vueuse|@ctrl)/.test(id)
              ? 'elements'
              : /node_modules\/(@vue|vue|@tanstack|@intlify|openapi-fetch)/.test(id)
                ? 'vue'
                : undefined,
        },
      },
    },
  }
})

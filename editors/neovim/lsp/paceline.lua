-- Paceline for Neovim 0.11 and newer. Put this folder on the runtimepath, then: vim.lsp.enable('paceline')
-- This file works alone: code actions, hints and progress need no plugin. What is beside it in lua/ and plugin/
-- adds commands, a picker with a preview, the evidence and the lessons.

---@type vim.lsp.Config
return {
  cmd = { 'paceline', 'serve', '--stdio' },
  filetypes = { 'python' },
  root_markers = { '.paceline.toml', 'pyproject.toml', 'setup.cfg', 'setup.py', '.git' },
  -- What would stand in .paceline.toml, e.g. { rounds = 2, hints = { disabled = { "strings" } } }.
  settings = { paceline = vim.empty_dict() },
}

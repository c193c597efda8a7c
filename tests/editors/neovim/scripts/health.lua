-- :checkhealth paceline, with the server and without it.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  person.served()
  seen.project = vim.fs.dirname(vim.api.nvim_buf_get_name(0))
  vim.cmd.checkhealth('paceline')
  seen.health = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  local copy = vim.fs.joinpath(seen.project, 'help')
  vim.opt.runtimepath:append(copy)
  vim.cmd.helptags(vim.fs.joinpath(copy, 'doc'))
  vim.cmd.help(':PacelineOptimize')
  seen.help = vim.fn.expand('%:t')
end)

-- Every function of a file, those on some lines, and those that differ from the last commit.
local person = dofile(vim.env.PERSON)
local seen = person.seen

local function all_said(words)
  local said = person.hear(words)
  seen.said = {}
  return said
end

person.tell(function()
  person.served()
  vim.cmd('PacelineOptimize!')
  seen.file = all_said('functions can be faster')
  vim.cmd('PacelinePick!')
  seen.best = person.see('proven faster')
  seen.best_diff = person.see('What it changes')
  person.press('q')
  person.gone('proven faster')
  vim.cmd('5,6PacelineOptimize')
  seen.range = all_said('functions can be faster')
  vim.cmd('PacelineOptimize changed')
  seen.changed = all_said('functions can be faster')
end)

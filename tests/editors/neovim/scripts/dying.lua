-- A server that dies as soon as it is started: it is tried again a few times, then left alone, and that is said.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  person.hear(':PacelineRestart starts it anew')
  seen.also_heard = vim.g.heard_by_the_person
  seen.servers = #vim.lsp.get_clients({ name = 'paceline' })
end)

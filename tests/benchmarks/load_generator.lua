-- Makes wrk send each signed request once, and check every answer.
-- Arguments: the file of requests, and the words that every body contains.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, sent, correct, wrong, example = {}, 0, 0, 0, ""
  words = args[2]
  for line in io.lines(args[1]) do
    local timestamp, signature, body = line:match("([^\t]+)\t([^\t]+)\t(.+)")
    requests[#requests + 1] = wrk.format("POST", wrk.path, {
      ["Content-Type"] = "application/x-www-form-urlencoded",
      ["X-Slack-Request-Timestamp"] = timestamp,
      ["X-Slack-Signature"] = signature,
    }, body)
  end
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function response(status, headers, body)
  if status == 200 and body:find(words, 1, true) then
    correct = correct + 1
  else
    wrong = wrong + 1
    example = status .. " " .. body:sub(1, 200)
  end
end

function done(summary, latency)
  local totals = { sent = 0, correct = 0, wrong = 0 }
  local example = ""
  for _, thread in ipairs(threads) do
    for name, value in pairs(totals) do
      totals[name] = value + thread:get(name)
    end
    example = thread:get("example")
  end
  local failed = summary.errors.connect + summary.errors.write + summary.errors.timeout + summary.errors.read
  io.write(string.format(
    "\nRESULT %d %d %d %d %.6f %.6f %.6f %s\n", totals.sent, totals.correct, totals.wrong, failed,
    summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6, example))
end

-- made by `vigil words --format plugin`; do not edit
-- A refinement without arguments is written bare in rules; Lua wants brackets behind it.
local bare = { is_renewal = true, including_intolerance = true, ever = true, on_different_days = true, once = true, renewing = true, as_intolerance = true, inactive = true, }

function OnSetText(_, text)
  local changes = {}
  for name, behind in text:gmatch(":%s*([%a_]+)()") do
    if bare[name] and not text:find("^%s*%(", behind) then
      changes[#changes + 1] = { start = behind, finish = behind - 1, text = "()" }
    end
  end
  return changes
end

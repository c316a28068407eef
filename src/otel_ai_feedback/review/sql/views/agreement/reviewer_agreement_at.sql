-- Do two reviewers of the same output agree, as known at a given time?
-- Now: Do two reviewers of the same output agree, as known now?
-- Kept: when changed, 5 minutes
--
-- The raw agreement with its 95 % Wilson interval comes first: kappa collapses where almost all is
-- good. From 50 pairs on there are kappa, ac1 and alpha beside it (`agreement_measures_at` has the
-- formulas), and `alarm` where even the upper bound is under .80: then what is good is not settled among
-- reviewers, and a change of quality may be a change of reviewers. `kind` is `between` two reviewers,
-- or `self`, one reviewer a week apart.
with pairs >= 50 as is_published
select
    service,
    environment,
    feature,
    kind,
    reviewer,
    pairs,
    agreement,
    low,
    high,
    if(is_published, kappa, null) as kappa,
    if(is_published, kappa_error, null) as kappa_error,
    if(is_published, kappa - {{z}} * kappa_error, null) as kappa_low,
    if(is_published, kappa + {{z}} * kappa_error, null) as kappa_high,
    if(is_published, ac1, null) as ac1,
    if(is_published, alpha, null) as alpha,
    toUInt8(is_published and high < .8) as alarm
from agreement_measures_at(as_of = {as_of:DateTime64(3, 'UTC')})

"""Prints cases as JSON lines: the name of a statistic, its inputs, and what the reference package returns.

ReferenceTests.swift computes the same from the inputs and compares. Everything is seeded. NaN and None are null.
"""
import gc
import json
import math
import sys
import warnings

import krippendorff
import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from scipy import special, stats
from scipy.spatial.distance import jensenshannon
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import normal_power
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import ttost_paired

warnings.simplefilter("ignore")
gc.freeze()  # multipletests collects garbage on every call, which with all packages loaded takes 0.1 s
rng = np.random.default_rng(20261122)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else (None if math.isnan(value) else math.copysign(1e308, value))


def emit(name, inputs, expected, relative=False):
    print(json.dumps({
        "name": name, "inputs": [[number(v) for v in np.ravel(x)] for x in inputs],
        "expected": [number(v) for v in np.ravel(expected)], "relative": bool(relative)}))


def scores(n, kind):
    """Scores as evaluations give them: measured, few levels, 0/1, heavy-tailed, all equal."""
    if kind == 0:
        return rng.normal(0.3, 1, n)
    if kind == 1:
        return rng.integers(0, 5, n) / 4
    if kind == 2:
        return rng.integers(0, 2, n).astype(float)
    if kind == 3:
        return rng.standard_t(2, n) * 100
    return np.full(n, rng.normal())


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def index(self, count):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) * int(count)) >> 64


def distributions():
    z = np.concatenate([rng.normal(0, 3, 400), [0, -38, 38, -8.3, 8.3, 1e-300, 5e-17]])
    emit("normal.cdf", [z], stats.norm.cdf(z), True)
    p = np.concatenate([rng.random(400), 10.0 ** rng.uniform(-300, 0, 200), 1 - 10.0 ** rng.uniform(-16, 0, 100),
                        [0, 1, 0.5, 0.975]])
    emit("normal.quantile", [p], stats.norm.ppf(p), True)
    for df in list(10.0 ** rng.uniform(-0.5, 6, 40)) + [1, 2, 3, 4, 5, 10, 30, 1e7]:
        t = np.concatenate([rng.normal(0, 2, 15), rng.standard_t(1, 15) * 10, [0, 1e-9, -40, 40]])
        emit("t.sf", [[df], t], stats.t.sf(t, df), True)
        q = np.concatenate([rng.random(20), 10.0 ** rng.uniform(-12, 0, 10), [0.5, 0.975, 0.995]])
        emit("t.quantile", [[df], q], stats.t.ppf(q, df), df >= 1)
    for df in list(10.0 ** rng.uniform(-0.5, 5, 30)) + [1, 2, 3, 10]:
        x = df * 10.0 ** rng.uniform(-1, 0.7, 30)
        emit("chi2.sf", [[df], x], stats.chi2.sf(x, df), True)
        emit("chi2.cdf", [[df], x], stats.chi2.cdf(x, df), True)
        q = rng.random(15)
        emit("chi2.quantile", [[df], q], stats.chi2.ppf(q, df), True)
    for _ in range(40):
        a, b = 10.0 ** rng.uniform(-0.7, 5, 2)
        x = np.clip(stats.beta.rvs(a, b, size=20, random_state=rng), 1e-12, 1 - 1e-12)
        emit("beta.cdf", [[a, b], x], special.betainc(a, b, x))
        q = rng.random(10)
        emit("beta.quantile", [[a, b], q], special.betaincinv(a, b, q))
        f = 10.0 ** rng.uniform(-1, 1, 10)
        emit("f.sf", [[a, b], f], stats.f.sf(f, a, b), True)
        emit("gamma.lower", [[a], x * a * 2], special.gammainc(a, x * a * 2), True)
    for _ in range(60):
        n = int(10.0 ** rng.uniform(0, 6))
        p = rng.choice([0, 1, 0.5, rng.random(), 1e-5])
        k = np.unique(np.concatenate([rng.binomial(n, p, 10), [0, n]]))
        emit("binomial", [[n, p], k], np.concatenate([stats.binom.pmf(k, n, p), stats.binom.cdf(k, n, p)]))


def description():
    for i in range(300):
        x = scores(int(rng.integers(1, 60)), i % 5)
        shares = np.concatenate([rng.random(3), [0, 0.05, 0.5, 0.95, 1]])
        n = len(x)
        interval = stats.t.interval(0.95, n - 1, x.mean(), stats.sem(x)) if n > 1 and np.ptp(x) > 0 else (np.nan, np.nan)
        emit("describe", [x, shares], np.concatenate([
            [x.mean(), x.var(ddof=1) if n > 1 else np.nan, x.var(), *interval], np.quantile(x, shares)]))
    for i in range(150):
        groups = int(rng.integers(2, 12))
        c = np.concatenate([np.arange(groups), rng.integers(0, groups, int(rng.integers(1, 60)))])
        x = scores(len(c), i % 4) + scores(groups, i % 4)[c]
        fit = OLS(x, np.ones(len(x))).fit(cov_type="cluster", cov_kwds={"groups": c})
        sums = np.bincount(c, x - x.mean())
        sizes = np.bincount(c)
        m0 = (len(x) - (sizes**2).sum() / len(x)) / (groups - 1)
        F = stats.f_oneway(*[x[c == g] for g in range(groups)]).statistic
        emit("clustered", [x, c], [
            x.mean(), fit.bse[0], math.sqrt((sums**2).sum()) / len(x), *stats.t.interval(0.9, groups - 1, x.mean(), fit.bse[0]),
            (F - 1) / (F - 1 + m0)])


def comparisons():
    for i in range(600):
        n = int(rng.integers(1, [8, 14, 30, 60, 120][i % 5]))
        d = scores(n, i // 5 % 5) - scores(n, i // 5 % 5)
        if i % 7 == 0:
            d = np.round(d, 1)
        # With ties or zeros scipy runs its own Python code 2**n times, so most of those cases are small.
        regular = len(np.unique(np.abs(d))) == n and np.all(d != 0)
        if np.any(d != 0) and (regular or n > 13 or n < 8 or i % 15 == 0):
            w = stats.wilcoxon(d)
            emit("wilcoxon", [d], [w.statistic, w.pvalue], True)
        if n > 1 and np.ptp(d) > 0:
            emit("ttest", [d], [stats.ttest_1samp(d, 0).statistic, stats.ttest_1samp(d, 0).pvalue])
            margin = abs(rng.normal())
            low, high = stats.ttest_1samp(d, -margin, alternative="greater"), stats.ttest_1samp(d, margin, alternative="less")
            tost = ttost_paired(d, np.zeros(n), -margin, margin)[0]
            emit("tost", [d, [margin]], [low.pvalue, tost, max(low.pvalue, high.pvalue)])
        a, b = np.meshgrid(d, d)
        walsh = ((a + b) / 2)[np.triu_indices(n)]
        emit("hodges-lehmann", [d], [np.median(walsh)])
        if 2 <= n <= 12:
            flip = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=True)
            if abs(d.sum()) > 1e-9:  # at 0 scipy compares rounding errors
                emit("sign-flip", [d], [flip.pvalue], True)
    for i in range(400):
        kind = i % 4
        x, y = scores(int(rng.integers(1, 30)), kind), scores(int(rng.integers(1, [9, 200][i % 2])), kind) + rng.choice([0, 0.5])
        if np.ptp(np.concatenate([x, y])) > 0:
            u = stats.mannwhitneyu(x, y)
            emit("mann-whitney", [x, y], [u.statistic, u.pvalue], True)
        emit("cliff", [x, y], [np.sign(np.subtract.outer(x, y)).mean()])
    for i in range(500):
        b, c = rng.integers(0, [4, 30, 300, 3000][i % 4], 2)
        table = [[0, b], [c, 0]]
        exact = mcnemar(table, exact=True).pvalue
        mid = 1 if b == c else 2 * stats.binom.cdf(min(b, c) - 1, b + c, 0.5) + stats.binom.pmf(min(b, c), b + c, 0.5)
        corrected = mcnemar(table, exact=False) if b + c else None
        plain = mcnemar(table, exact=False, correction=False) if b + c else None
        emit("mcnemar", [[b, c]], [exact, mid, *((corrected.statistic, corrected.pvalue, plain.statistic) if b + c else (0, 1, 0))],
             True)
    for i in range(200):
        p = rng.random(int(rng.integers(1, 20))) ** rng.choice([1, 5])
        if i % 5 == 0:
            p = np.round(p, 1)
        emit("multiplicity", [p], [multipletests(p, method=m)[1] for m in ("holm", "fdr_bh", "fdr_by")])
    for _ in range(100):
        n, effect, sd, alpha = int(rng.integers(2, 3000)), rng.normal(0, 0.3), abs(rng.normal()) + 0.1, rng.choice([0.05, 0.01])
        emit("power", [[n, effect, sd * sd, alpha]], [normal_power(effect / sd, n, alpha)])
        noise, k, deff, power = abs(rng.normal()), int(rng.integers(1, 9)), 1 + 3 * rng.random(), rng.uniform(0.5, 0.99)
        reach = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
        variance = (sd**2 + 2 * noise / k) * deff
        emit("design", [[n, effect, sd * sd, alpha, noise, k, deff, power]],
             [reach * math.sqrt(variance / n), max(1, math.ceil((reach**2) * variance / effect**2))])


def bootstraps():
    for i in range(60):
        n, size = int(rng.integers(2, 25)), 199
        x = scores(n, i % 4)
        rows = rng.integers(0, n, (size, n))
        distribution = x[rows].mean(axis=1)
        emit("bootstrap.indices", [x, rows.ravel()], intervals((x,), np.mean, distribution))
        generator = SplitMix64(i)
        drawn = np.array([[generator.index(n) for _ in range(n)] for _ in range(size)])
        emit("bootstrap.seeded", [x, [i]], intervals((x,), np.mean, x[drawn].mean(axis=1)))
        c = np.concatenate([np.arange(max(2, n // 3)), rng.integers(0, max(2, n // 3), n)])
        x = scores(len(c), i % 4)
        groups = c.max() + 1
        sums, sizes = np.bincount(c, x), np.bincount(c)
        generator = SplitMix64(i)
        drawn = np.array([[generator.index(groups) for _ in range(groups)] for _ in range(size)])

        def ratio(s, k, axis=-1):
            return s.sum(axis=axis) / k.sum(axis=axis)
        emit("bootstrap.clustered", [x, c, [i]],
             intervals((sums, sizes), ratio, sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), paired=True))
        order = [np.flatnonzero(c == g) for g in range(groups)]
        strata = [x[o] for o in order]
        if min(len(s) for s in strata) > 1:
            generator = SplitMix64(i)
            distribution = np.array([
                sum(sum(s[generator.index(len(s))] for _ in range(len(s))) for s in strata) / len(x) for _ in range(size)])

            def overall(*groups, axis=-1):
                return sum(g.mean(axis=axis) * len(s) for g, s in zip(groups, strata)) / len(x)
            emit("bootstrap.stratified", [x, c, [i]], intervals(tuple(strata), overall, distribution))


def intervals(data, statistic, distribution, **options):
    """Both intervals scipy makes of a given distribution; the percentile one where BCa is undefined, as ours."""
    # A reordering of the data has the same statistic; scipy would let rounding decide on which side it falls.
    estimate = statistic(*data, axis=-1)
    distribution = np.where(abs(distribution - estimate) <= 1e-12 * abs(distribution).max(), estimate, distribution)

    class Given:
        bootstrap_distribution = distribution
    found = [stats.bootstrap(data, statistic, n_resamples=0, bootstrap_result=Given(), method=m, **options)
             for m in ("percentile", "BCa")]
    ends = [list(f.confidence_interval) for f in found]
    return ends[0] + (ends[0] if np.isnan(ends[1]).any() else ends[1]) + [found[0].standard_error]


def newcombe(a, b, c, d, confidence):
    """Method 10 of Newcombe (1998), written from the paper: no package here has it."""
    n = a + b + c + d
    second, first = (a + c) / n, (a + b) / n
    l2, u2 = proportion_confint(a + c, n, 1 - confidence, "wilson")
    l1, u1 = proportion_confint(a + b, n, 1 - confidence, "wilson")
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    excess = a * d - b * c
    phi = 0 if margins == 0 else (max(excess - n / 2, 0) if excess > 0 else excess) / math.sqrt(margins)
    def reach(x, y):
        return math.sqrt(max(0, x * x - 2 * phi * x * y + y * y))
    delta = second - first
    return delta, delta - reach(second - l2, u1 - first), delta + reach(u2 - second, first - l1)


def proportions():
    for i in range(300):
        n = int(rng.integers(1, [5, 40, 400, 20000][i % 4]))
        k = int(rng.choice([0, n, rng.integers(0, n + 1)]))
        level = rng.choice([0.9, 0.95, 0.99])
        emit("proportion", [[k, n, level]], [
            v for m in ("wilson", "agresti_coull", "beta") for v in proportion_confint(k, n, 1 - level, m)])
        a, b, c, d = (int(v) for v in rng.integers(0, [3, 30, 300][i % 3], 4))
        if a + b + c + d:
            emit("newcombe", [[a, b, c, d, level]], newcombe(a, b, c, d, level))


def agreement():
    for i in range(200):
        n, k = int(rng.integers(1, 60)), int(rng.integers(1, 6))
        x, y = rng.integers(0, k, n), rng.integers(0, k, n)
        y = np.where(rng.random(n) < 0.5, x, y)
        emit("kappa", [x, y], [metrics.cohen_kappa_score(x, y, weights=w) for w in (None, "linear", "quadratic")])
        ratings = rng.integers(0, k, (int(rng.integers(2, 5)), n)).astype(float)
        ratings[rng.random(ratings.shape) < 0.3] = np.nan
        try:
            alpha = krippendorff.alpha(reliability_data=ratings, level_of_measurement="nominal")
        except ValueError:
            alpha = np.nan
        emit("krippendorff", list(ratings), [alpha])
        n = int(rng.integers(2, 60))
        x, y = scores(n, i % 4), scores(n, i // 4 % 4)
        y = y + rng.choice([0, 1, -1]) * x
        if np.ptp(x) > 0 and np.ptp(y) > 1e-9:
            r = stats.pearsonr(x, y)
            if abs(r.statistic) < 1 - 1e-9 or n == 2:
                emit("pearson", [x, y], [r.statistic, r.pvalue])
            s = stats.spearmanr(x, y)
            if abs(s.statistic) < 1 - 1e-9:
                emit("spearman", [x, y], [s.statistic, s.pvalue])
            emit("kendall", [x, y], [stats.kendalltau(x, y).statistic])
        n, more = int(rng.integers(2, 60)), int(rng.integers(2, 300))
        truth = rng.normal(size=n + more)
        guess = truth * rng.choice([0, 0.5, 1]) + rng.normal(size=n + more) * 0.5 + 0.2
        y, f, u = truth[:n], guess[:n], guess[n:]
        full = ppi_mean_ci(y, f, u, alpha=0.05, lam=1)
        tuned = ppi_mean_ci(y, f, u, alpha=0.05)
        emit("ppi", [y, f, u], [full[0].item(), full[1].item(), tuned[0].item(), tuned[1].item(),
                                np.ravel(ppi_mean_pointestimate(y, f, u, lam=1))[0]])


def classification():
    for i in range(200):
        n, k = int(rng.integers(1, 80)), int(rng.integers(1, 6))
        y = rng.integers(0, k, n)
        p = np.where(rng.random(n) < 0.6, y, rng.integers(0, k + 1, n))
        out = [metrics.accuracy_score(y, p), metrics.matthews_corrcoef(y, p)]
        for average in ("macro", "micro", "weighted"):
            out += list(metrics.precision_recall_fscore_support(y, p, average=average, zero_division=0)[:3])
        emit("classification", [y, p], np.concatenate([out, metrics.confusion_matrix(y, p).ravel()]))
        y = rng.integers(0, 2, n)
        s = rng.random(n) if i % 2 else rng.integers(0, 11, n) / 10
        one_class = len(set(y)) == 1
        share, mean = calibration_curve(y, s, n_bins=10) if not one_class else (None, None)
        edges = np.linspace(0, 1, 11)
        bins = np.searchsorted(edges[1:-1], s)
        if not one_class:
            sizes = np.bincount(bins)
            sizes = sizes[sizes > 0]
            ece = (sizes / n * abs(share - mean)).sum()
        else:
            ece = sum(abs((y - s)[bins == b].sum()) for b in range(10)) / n
        emit("probabilities", [y, s], [
            np.mean((y - s) ** 2) if one_class else metrics.brier_score_loss(y, s), ece,
            np.nan if one_class else metrics.roc_auc_score(y, s),
            np.nan if y.sum() == 0 else metrics.average_precision_score(y, s)])
        n = int(rng.integers(2, 40))
        relevance = rng.integers(0, 4, n)
        s = rng.random(n) if i % 2 else rng.integers(0, 6, n).astype(float)
        cut = int(rng.integers(1, 50))
        emit("ndcg", [relevance, s, [cut]], [
            metrics.ndcg_score([g], [s], k=cut) for g in (relevance, 2**relevance - 1, (relevance > 0).astype(int))])


def sequential():
    for _ in range(200):
        alpha, tuning, n = rng.choice([0.05, 0.01]), rng.choice([500, 5000]), int(rng.integers(2, 40000))
        delta, variance = rng.normal() * 0.1, 10.0 ** rng.uniform(-5, -1)
        rho = math.sqrt((-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / tuning)
        g = n * rho**2 + 1
        reach = math.sqrt(variance * n) * math.sqrt(2 * g * math.log(math.sqrt(g) / alpha) / (n * rho) ** 2)
        p = min(1, math.sqrt(g) * math.exp(-(rho**2) * delta**2 * n / variance / (2 * g)))
        emit("confidence-sequence", [[alpha, tuning, n, delta, variance]], [delta - reach, delta + reach, p])
        tau = abs(rng.normal()) + 0.01
        v = 2 * variance
        emit("msprt", [[tau, n, delta, variance]],
             [0.5 * math.log(v / (v + n * tau)) + n * n * tau * delta**2 / (2 * v * (v + n * tau))])
        k = int(rng.integers(2, 5))
        counts, weights = rng.integers(0, 2000, k), rng.choice([1, 2], k)
        theta = weights / weights.sum()
        prior = np.ones(k)
        bayes = (special.gammaln(k) - special.gammaln(k + counts.sum()) + special.gammaln(prior + counts).sum()
                 - (counts * np.log(theta)).sum())
        emit("srm", [counts, weights], [stats.chisquare(counts, theta * counts.sum()).pvalue, bayes])
        s, f, rate = int(rng.integers(0, 500)), int(rng.integers(0, 500)), rng.uniform(0.05, 0.95)
        emit("bernoulli", [[s, f, rate]], [special.betaln(1 + s, 1 + f) - s * math.log(rate) - f * math.log1p(-rate)])
    for _ in range(40):
        m, x = rng.uniform(0.1, 0.9), rng.beta(2, 2, int(rng.integers(1, 200)))
        up = down = 1.0
        for t in range(1, len(x) + 1):
            past = x[:t - 1]
            means = (0.5 + np.cumsum(past)) / (np.arange(1, t) + 1)
            spread = (0.25 + ((past - means) ** 2).sum()) / t
            bet = math.sqrt(2 * math.log(2 / 0.05) / (spread * t * math.log(t + 1)))
            up *= 1 + min(bet, 0.5 / m) * (x[t - 1] - m)
            down *= 1 - min(bet, 0.5 / (1 - m)) * (x[t - 1] - m)
        emit("betting", [[m], x], [0.5 * up + 0.5 * down], True)


def distances():
    for i in range(200):
        x, y = scores(int(rng.integers(1, 60)), i % 5), scores(int(rng.integers(1, 60)), i % 5)
        d = stats.ks_2samp(x, y, method="asymp").statistic
        emit("samples", [x, y], [d, special.kolmogorov(d * math.sqrt(len(x) * len(y) / (len(x) + len(y)))),
                                 stats.wasserstein_distance(x, y)])
        p, q = rng.integers(0, 20, 8) + np.eye(8)[0], rng.integers(0, 20, 8) + np.eye(8)[1]
        a, b = np.maximum(p / p.sum(), 1e-4), np.maximum(q / q.sum(), 1e-4)
        emit("histograms", [p, q], [jensenshannon(p, q, base=2), ((b - a) * np.log(b / a)).sum()])
        n = int(rng.integers(2, 60))
        x, y = scores(n, i % 4), scores(n, i % 4)
        if np.ptp(x) > 0:
            theta = np.cov(y, x)[0, 1] / x.var(ddof=1)
            emit("control-variate", [y, x], np.concatenate([[theta], y - theta * (x - x.mean())]))


for section in (distributions, description, comparisons, bootstraps, proportions, agreement, classification, sequential, distances):
    section()
    sys.stdout.flush()

// What the process that trades is measured by (live/health.hpp).
#pragma once

#include "live/health.hpp"
#include "live/health_probe.hpp"
#include "live/process.hpp"
#include "server/metrics.hpp"

namespace argosy::cli {

// Everything but the time, quarantined quotes and the machine. Durations of the trading clock are told in real time:
// `speed` is how many of its seconds pass in one.
[[nodiscard]] live::HealthFacts process_facts(live::Process& process, double speed);
// The same for who counts.
[[nodiscard]] server::ProcessSamples process_samples(live::Process& process, const live::HealthFacts& facts);

}  // namespace argosy::cli

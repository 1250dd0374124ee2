// For tests: a record with a field of every type.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"

namespace argosy::core {

struct Sample {
  std::string name = "n";
  bool active = false;
  std::int64_t count = 1;
  double ratio = 0.5;
  Price price;
  Quantity quantity;
  Money money;
  Rate rate;
  Timestamp time;
  Date date;
  std::vector<std::string> tags;
  Secret token;
  std::optional<std::string> note;
  std::optional<std::int64_t> limit;
  std::optional<Date> first;
};

inline constexpr std::array<std::string_view, 3> kSampleNames{"n", "alpha", "beta"};

template <>
struct RecordOf<Sample> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Sample, name, .limits = {.one_of = kSampleNames}, .text = "what it is called", .required = true),
      ARGOSY_FIELD(Sample, active),
      ARGOSY_FIELD(Sample, count, .unit = "bars", .limits = {.minimum = 1, .maximum = 10}, .text = "how many"),
      ARGOSY_FIELD(Sample, ratio),
      ARGOSY_FIELD(Sample, price, .limits = {.minimum = 0}),
      ARGOSY_FIELD(Sample, quantity),
      ARGOSY_FIELD(Sample, money),
      ARGOSY_FIELD(Sample, rate),
      ARGOSY_FIELD(Sample, time),
      ARGOSY_FIELD(Sample, date),
      ARGOSY_FIELD(Sample, tags, .limits = {.maximum_length = 5}, .text = "labels"),
      ARGOSY_FIELD(Sample, token, .limits = {.maximum_length = 8}, .text = "the key to it"),
      ARGOSY_FIELD(Sample, note),
      ARGOSY_FIELD(Sample, limit),
      ARGOSY_FIELD(Sample, first),
  };
  static constexpr RecordType kType{"sample", "One of each", kFields};
};

}  // namespace argosy::core

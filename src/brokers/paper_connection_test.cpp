#include "brokers/paper_connection.hpp"

#include "brokers/broker_contract.hpp"
#include "brokers/test_world.hpp"

namespace argosy::brokers {
namespace {

std::unique_ptr<BrokerWorld> make_world(Switch client_ids) {
  return std::make_unique<PaperWorld>(PaperSettings{.client_ids = client_ids});
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(PaperWithClientIds, BrokerContract, testing::Values(+[] { return make_world(Switch::kOn); }));
INSTANTIATE_TEST_SUITE_P(PaperWithoutClientIds, BrokerContract,
                         testing::Values(+[] { return make_world(Switch::kOff); }));

}  // namespace argosy::brokers

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "layers.hpp"
#include "layout.hpp"
#include "registry_job.hpp"
#include "store_content.hpp"

#include "docker_cpp/images/build_cache.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/load_report.hpp"
#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

class LoadCommit;

/// Everything behind ImageStore.
///
/// Two locks: `writer_` makes changes one at a time and is held while files
/// are written; `mutex_` guards the maps only, so a reader never waits for a
/// disk. A change writes its files first and then publishes.
class ImageStore::State {
 public:
  explicit State(Options options);

  std::vector<std::string> load(const std::vector<std::string>& how,
                                int archive);
  std::string create(const NewImage& request);
  WorkerTask save(const std::vector<std::string>& refs, int output);
  const std::string& worker() const { return options_.worker; }
  std::optional<Image> find(std::string_view ref) const;
  std::optional<Image> find_embedded(std::string_view ref);
  std::vector<Image> list() const;
  void tag(std::string_view ref, std::string_view target);
  RemoveResult remove(std::string_view ref, RemoveOptions options);
  std::optional<Image> find_held(const std::string& id) const;
  void release_held(const UseOf& use);
  std::vector<BuildCacheEntry> build_cache() const { return cache_.list(); }
  std::int64_t prune_build_cache(const std::vector<std::string>& keys);
  std::string directory(const std::string& chain_id) const;
  std::int64_t layer_size(const std::string& chain_id) const;
  std::vector<std::string> problems() const { return problems_; }
  CheckReport check(Repair repair);

  std::vector<PulledImage> pull(const PullRequest& request);
  std::vector<PushedImage> push(const PushRequest& request);
  std::string log_in(const RegistryRequest& request);
  Distribution distribution(const RegistryRequest& request);
  std::vector<FoundRepository> search(const RegistryRequest& request,
                                      int limit);

 private:
  friend class LoadCommit;
  friend class BuildSession;

  using Entry = StoreEntry;
  using EntryPtr = StoreContent::EntryPtr;
  using Content = StoreContent;
  using Ids = std::set<std::string>;

  class InProgress {  ///< while it lives, nothing is collected
   public:
    explicit InProgress(State& state);
    ~InProgress();
    InProgress(const InProgress&) = delete;
    InProgress& operator=(const InProgress&) = delete;

   private:
    State& state_;
  };

  std::string problem_of(const Entry& entry, const Ids& damaged) const;
  void take_away(const std::set<std::string>& damaged,
                 const std::vector<std::string>& broken, CheckReport& report);

  // Work with registries
  void write_have(int staging) const;
  void write_have_blobs(int staging) const;
  std::set<std::string> blobs_of(const Entry& entry) const;
  void remember_digest(const std::string& id, const std::string& digest);
  std::string ask_registry(RegistryJob job, const RegistryRequest& request);

  // Start-up
  void read_everything();
  void read_record(const std::string& name, Content& content);
  Entry complete(ImageRecord record) const;
  void apply_index(Content& content);
  void names_from_records(Content& content);
  void rebuild_index(Content& content, const std::string& why);
  void set_aside(const std::string& name, const std::string& why);
  static std::vector<std::pair<std::string, std::vector<std::string>>>
  select_saved(const Content& content, const std::vector<std::string>& refs);
  LoadReport make_layer(const NewImage& request, int staging,
                        bool lowest) const;

  // Changes; `writer_` is held
  Content copy() const;
  void publish(Content content);
  void give_names(Content& content, const std::string& id,
                  const std::vector<std::string>& names);
  void take_name(Content& content, const std::string& name);
  static void take_digests(Content& content, const std::string& id,
                           const std::optional<Reference>& asked,
                           RemoveResult& result);
  static bool as_digest(const Entry& entry, std::string_view ref);
  void write_record(const Content& content, const std::string& id);
  void write_record(ImageRecord record);
  void write_index(const Content& content);
  void forget_record(const std::string& id);
  std::vector<std::string> collect_garbage();
  void hold_for_builds(Ids& layers, Ids& blobs) const;
  bool remove_image(Content& content, const std::string& id, const UseOf& use,
                    RemoveResult& result);
  void hold(Content& content, const EntryPtr& entry);

  // Reading; `mutex_` or a copy
  static EntryPtr look_up(const Content& content, std::string_view ref);
  EntryPtr look_up(std::string_view ref) const;

  Options options_;
  sys::UniqueFd root_;
  Layout layout_;
  Layers layers_;
  BuildCache cache_;
  std::vector<std::string> problems_;  ///< does not change after start-up

  std::mutex writer_;
  std::int64_t sequence_ = 0;
  int loads_ = 0;  ///< in progress: what they rely on may not be collected
  bool garbage_waits_ = false;  ///< for the last of them

  mutable std::shared_mutex mutex_;
  Content content_;

  std::mutex embedded_;  ///< one load of what comes with the engine at a time
};

}  // namespace docker_cpp::images

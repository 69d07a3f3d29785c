// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace docker_cpp::images {

/// Writes tar by the byte, proper ones and such as no tool would write.
class TarBuilder {
 public:
  struct Header {
    std::string name;
    char type = '0';  ///< 0 file, 1 hard link, 2 symbolic link, 3 and 4
                      ///< devices, 5 folder, 6 fifo
    std::string link = "";
    unsigned mode = 0644;
    unsigned uid = 0;
    unsigned gid = 0;
    std::int64_t mtime = 1'000'000'000;
    unsigned major = 0;
    unsigned minor = 0;
  };

  TarBuilder& add(const Header& header, std::string_view data = "");
  TarBuilder& file(const std::string& name, std::string_view data = "x");
  TarBuilder& folder(const std::string& name, unsigned mode = 0755);
  TarBuilder& symlink(const std::string& name, const std::string& target);
  TarBuilder& hard_link(const std::string& name, const std::string& target);
  /// A pax header in force for the next entry.
  TarBuilder& pax(const std::map<std::string, std::string>& records);

  /// With the two empty blocks that end a tar.
  [[nodiscard]] std::string finish() const;

 private:
  std::string bytes_;
};

}  // namespace docker_cpp::images

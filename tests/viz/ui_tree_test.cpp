#include "viz/core/ui_tree.hpp"

#include "tests/support/catch.hpp"

using namespace isrlab::viz;

TEST_CASE("names are found in the last complete frame", "[viz]") {
  UiTree tree;
  tree.begin_frame();
  tree.mark("map/broker:4", {100, 50, 160, 90}, "broker 4", "down");
  CHECK(tree.find("map/broker:4") == nullptr);
  tree.end_frame();
  const UiNode* node = tree.find("map/broker:4");
  REQUIRE(node != nullptr);
  CHECK(node->rect.center_x() == 130);
  CHECK(node->rect.center_y() == 70);
  CHECK(node->label == "broker 4");
  CHECK(node->value == "down");
  CHECK(node->enabled);
  tree.begin_frame();
  CHECK(tree.find("map/broker:4") != nullptr);  // still there while the next frame is drawn
  tree.end_frame();
  CHECK(tree.find("map/broker:4") == nullptr);
}

TEST_CASE("what is clipped away cannot be seen", "[viz]") {
  UiTree tree;
  tree.begin_frame();
  tree.push_clip({0, 0, 100, 100});
  tree.push_clip({50, 0, 500, 500});
  tree.mark("half", {40, 90, 60, 120});
  tree.mark("gone", {0, 0, 40, 40});
  tree.pop_clip();
  tree.pop_clip();
  tree.mark("free", {0, 0, 40, 40});
  tree.end_frame();
  CHECK(tree.find("half")->visible == Rect{50, 90, 60, 100});
  CHECK(tree.find("half")->rect == Rect{40, 90, 60, 120});
  CHECK(tree.find("gone")->visible.empty());
  CHECK_FALSE(tree.find("free")->visible.empty());
}

TEST_CASE("the dump is sorted, one line per name, and says all", "[viz]") {
  UiTree tree;
  tree.begin_frame();
  tree.mark("b", {1, 2, 11, 22}, "two \"words\"\nhere");
  tree.mark("a/long", {0, 0, 5, 5}, "x", "7", false);
  tree.push_clip({0, 0, 1, 1});
  tree.mark("c", {5, 5, 9, 9});
  tree.end_frame();
  CHECK(tree.dump() ==
        "a/long  x=0 y=0 w=5 h=5  disabled  label=\"x\" value=\"7\"\n"
        "b       x=1 y=2 w=10 h=20  enabled   label=\"two \\\"words\\\"\\nhere\"\n"
        "c       x=5 y=5 w=4 h=4  hidden    label=\"\"\n");
}

TEST_CASE("a name used twice is reported", "[viz]") {
  UiTree tree;
  tree.begin_frame();
  tree.mark("a", {0, 0, 1, 1});
  tree.mark("a", {5, 5, 6, 6});
  tree.end_frame();
  REQUIRE(tree.duplicates().size() == 1);
  CHECK(tree.duplicates().front() == "a");
  CHECK(tree.find("a")->rect.x0 == 0);
}

TEST_CASE("the nearest name is offered, but nothing far-fetched", "[viz]") {
  UiTree tree;
  tree.begin_frame();
  tree.mark("map/broker:4", {});
  tree.mark("map/broker:12", {});
  tree.end_frame();
  CHECK(tree.nearest("map/brocker:4") == "map/broker:4");
  CHECK(tree.nearest("badge/urp").empty());
  CHECK(edit_distance("seek", "sekk", 3) == 1);
  CHECK(edit_distance("", "abc", 5) == 3);
  CHECK(edit_distance("abcdef", "uvwxyz", 2) == 3);
}
